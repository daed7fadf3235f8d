// SceneSyntax
