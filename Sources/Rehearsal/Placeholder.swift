enum PlaceholderRehearsal {}
