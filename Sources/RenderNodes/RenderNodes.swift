// RenderNodes
