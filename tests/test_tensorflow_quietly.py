"""TensorFlow's start-up messages are held back, and nothing is hidden when something fails."""

import os
import subprocess
import sys

import pytest

from course_utils.tensorflow_quietly import quiet_stderr


def test_descriptor_is_silent_inside_and_back_afterwards(capfd):
    with quiet_stderr():
        os.write(2, b"noise from C++")
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_messages_appear_when_the_body_fails(capfd):
    with pytest.raises(RuntimeError), quiet_stderr():
        os.write(2, b"why it failed")
        raise RuntimeError
    assert capfd.readouterr().err == "why it failed"


def test_works_without_a_standard_error():
    code = (
        "import os; os.close(2); from course_utils.tensorflow_quietly import quiet_stderr\n"
        "with quiet_stderr(): print('fine')"
    )
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert ran.stdout.strip() == "fine"


def test_missing_tensorflow_names_the_mend():
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'tensorflow': raise ModuleNotFoundError('no', name='tensorflow')\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from course_utils.tensorflow_quietly import import_tensorflow\n"
        "try: import_tensorflow()\n"
        "except ImportError as error: print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install -r requirements/student.txt" in ran.stdout
