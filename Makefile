# Two commands do everything: `make course` and `make test`. Both make .venv first, if need be.

.PHONY: course test full lab colab newest site pages dist publish pair lock help setup
.DEFAULT_GOAL := help

course: setup ## execute the lessons, build the release, grade a little class, show the marks
	@.venv/bin/course build

test: setup ## run every test, the notebooks and the style checks included
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --dist worksteal

full: setup ## execute every lesson on the whole data, all epochs (an hour or more)
	@COURSE_PROFILE=full .venv/bin/python -m pytest notebooks --nbmake-timeout=7200 --timeout=0 --durations=0 --verbose

lab: setup ## open JupyterLab on the lessons, and the formgrader for marks by hand
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.jpserver_extensions=course_utils.instructor.report.formgrader=True notebooks

colab: setup ## run the release with Colab's versions on its Python, its exercises solved
	@.venv/bin/python -m tests.colab

newest: setup ## the same with the newest version of everything; with PRE=1, release candidates too
	@.venv/bin/python -m tests.colab $(if $(PRE),--prereleases,--newest)

site: setup ## make the site in build/site, every lesson with its results; EDITION=--solutions
	@.venv/bin/course site $(EDITION)

pages: site ## the same, with the sites of published versions, in build/pages
	@.ci/pages

dist: setup ## make a version in build/dist: the release for students, the site, checksums
	@.ci/dist

publish: ## publish build/dist as the version of a tag (on GitHub: release.yml)
	@.ci/publish

pair: setup ## write every lesson's .ipynb anew from its .md
	@.venv/bin/python tests/notebooks/pairs.py

lock: setup ## lock Colab's versions of what students call, the newest of the tools
	@.venv/bin/python requirements/lock.py

help: ## list these targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile

# Any Python that runs will do: requirements/install.py looks for a better one if need be.
setup:
	@for python in python3 python3.13 python3.12 python3.11 python; do \
	  $$python -c "" 2>/dev/null && exec $$python requirements/install.py; done; \
	echo "No Python was found. Install Python 3.11, 3.12 or 3.13, then run the same command again." >&2; exit 1
