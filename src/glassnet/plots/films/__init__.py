"""Films of a training or of a race: GIF, MP4, or a page with a slider."""
