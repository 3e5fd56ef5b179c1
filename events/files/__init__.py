"""Files that people upload: checked, pictures made anew, and kept where nobody browses."""
