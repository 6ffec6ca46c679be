"""Pure readers of what RubyGems publishes: its index, gems, versions, requirements and files."""
