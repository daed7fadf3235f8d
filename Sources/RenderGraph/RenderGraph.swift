// RenderGraph
