"""What instructors run: execute lessons, make the students' release, grade submissions.

Student code never imports this sub-package, and a release does not contain it.
"""
