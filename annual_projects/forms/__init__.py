"""What a browser sends: proposals and ratings of citizens, and the work of the desk."""
