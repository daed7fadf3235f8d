// SceneLint
