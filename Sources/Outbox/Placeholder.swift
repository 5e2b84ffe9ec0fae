enum PlaceholderOutbox {}
