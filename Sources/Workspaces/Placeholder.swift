enum PlaceholderWorkspaces {}
