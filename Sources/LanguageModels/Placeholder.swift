enum PlaceholderLanguageModels {}
