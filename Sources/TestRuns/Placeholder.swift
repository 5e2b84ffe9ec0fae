enum PlaceholderTestRuns {}
