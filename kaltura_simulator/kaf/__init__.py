"""The pages of the Kaltura Application Framework (KAF), which portals show in an iframe."""
