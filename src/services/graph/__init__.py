"""All Cypher of the product, in the subset that every engine takes."""
