"""The command `course`, one file a group of subcommands; its exit codes and tables are its word."""
