// StudioKit
