"""Hidden images are drawn and predictions scored; hands on files, and places on a leaderboard."""
