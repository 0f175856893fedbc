"""How Sphinx makes the site. `make site` first puts the lessons and their results beside this."""

project = "From Pixels to Features"
author = "The From Pixels to Features authors"
copyright = "The From Pixels to Features authors; text and figures: CC BY 4.0, code: BSD-3-Clause"
language = "en_GB"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "course_utils.instructor.site.folds",
    "course_utils.instructor.site.mathml",
]
exclude_patterns = ["extra"]

# Lessons are run before; here their results are only shown.
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # widgets need a kernel, and their scripts would come from elsewhere
myst_enable_extensions = ["dollarmath", "attrs_inline", "attrs_block", "colon_fence"]
myst_dmath_allow_space = False  # as formulas.py has it
myst_dmath_allow_digits = False
myst_heading_anchors = 3

# Their import takes seconds, and no docstring needs it.
autodoc_mock_imports = ["course_utils.tensorflow_quietly", "keras", "tensorflow"]
napoleon_google_docstring = False
napoleon_use_ivar = True

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["static"]
html_extra_path = ["extra"]  # pictures and films of the lessons
html_css_files = ["site.css"]
html_js_files = [("films.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_sidebars = {"index": [], "what-you-should-see": [], "about": []}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "show_toc_level": 2,
    "collapse_navigation": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
