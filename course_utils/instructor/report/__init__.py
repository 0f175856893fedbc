"""What people read of marks and records: students' pages, the class as a whole, an LMS's tables."""
