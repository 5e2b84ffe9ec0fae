enum PlaceholderGitLabAPI {}
