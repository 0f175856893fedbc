"""What the page shows below a cell."""


def clear(wait=False, output_tags=()):
    """Clear it, as IPython does."""
    from IPython.display import clear_output

    clear_output(wait)


def enable_custom_widget_manager(version=""):
    """Nothing to enable here."""


def eval_js(script, ignore_result=False, timeout_sec=None):
    """No page runs it."""
