"""Settings of every test run, of the notebooks (nbmake) as of tests/.

They are made here, at the top, because pytest reads this file for either of them alone, too.
"""

import os
from pathlib import Path

import pytest

from course_utils import session
from course_utils.instructor.course import find_course
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels

# Kernels and other processes that tests start inherit these. Who sets another profile gets it.
os.environ.setdefault("COURSE_PROFILE", "fast")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.pop("COURSE_GRADEBOOK", None)  # the marks of a real class are no place for tests
# Colab's tensorflow-metadata asks for a newer protobuf than Colab has, so that tensorflow-datasets
# cannot be imported there, nor here; without this question it works, and its tests need it.
os.environ["TEMPORARILY_DISABLE_PROTOBUF_VERSION_CHECK"] = "true"
os.environ["NO_PROXY"] = "127.0.0.1"  # where the tests' own hosts are


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One worker more than cores: a test that runs a notebook often only waits for its kernel."""
    return os.cpu_count() + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop():
    """Fork the kernels of nbmake and of the tests from a process that has imported TensorFlow.

    A hook, because nbmake's items use no fixtures; each xdist worker has its own server, which
    imports TensorFlow when the first kernel is asked for.
    """
    with warm_kernels():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Look at a lesson's expectations where nbmake runs it, by one more cell."""
    if not getattr(item, "nbmake", False):
        return (yield)
    from tests.notebooks.expectations import looked_at

    with looked_at(find_course(Path(__file__).parent), Path(item.filename).stem, session.profile()):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def _no_windows():
    """Draw without a screen in the tests' own process; kernels choose their backend themselves."""
    import matplotlib as mpl

    mpl.use("Agg")


@pytest.fixture(scope="module")
def quick_kernels():
    """Kernels that start at once, without TensorFlow; a module's, as other tests need it."""
    with warm_kernels(modules=KERNEL_MODULES):
        yield
