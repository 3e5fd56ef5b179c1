"""What makes captions: media in, cues out. Further ones are plug-ins."""
