"""What students read first: how to open a lesson, how to work on it, and how to hand it in."""

REPOSITORY = """\
# From Pixels to Features

A course in image classification with TensorFlow and Keras. Each lesson is a notebook in which you *predict, run and explain*, and solve exercises that tell you at once what is right and what to look at.

| lesson | notebook | to download |
| --- | --- | --- |
{lessons}

## Open a lesson

**In Google Colab**, without installing anything on your computer:

1. Open <https://colab.research.google.com>, choose *GitHub*, paste the address of this page, and choose a notebook. With a download, choose *Upload* and take the notebook from the zip.
2. Put a new cell above the first one and run it once, with the address of this page in the place of `ADDRESS`: `%pip install git+ADDRESS`. With a download, upload the zip to the folder on the left, and run `%pip install 01-name.zip` with its name.
3. *Runtime → Change runtime type → T4 GPU* makes the trainings faster. It is not necessary.

**On your own computer** you need Python 3.11, 3.12 or 3.13. In the folder with this file:

{install}
"""

LESSON = """\
# {title}

A lesson of *From Pixels to Features*, a course in image classification with TensorFlow and Keras. In the notebook `{lesson}.ipynb` you *predict, run and explain*, and solve exercises that tell you at once what is right and what to look at.

## Open it

**In Google Colab**, without installing anything on your computer:

1. Open <https://colab.research.google.com>, choose *Upload*, and take the notebook `{lesson}.ipynb`.
2. Upload `{lesson}.zip`, the file that you have unpacked, to the folder on the left. Put a new cell above the first one and run it once: `%pip install {lesson}.zip`
3. *Runtime → Change runtime type → T4 GPU* makes the trainings faster. It is not necessary.

**On your own computer** you need Python 3.11, 3.12 or 3.13. In the folder with this file:

{install}
"""

INSTALL = """\
```
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
.venv/bin/pip install jupyterlab ".[maps]"
.venv/bin/jupyter lab
```

The second line installs the versions that the course was tested with; leave it out if it finds none for your computer. On Windows use WSL, or write `.venv\\Scripts\\` in the place of `.venv/bin/`.

The first cell that uses images says where they came from. Without a network you get a small part of the data, or drawings, that come with the course; every lesson works with them, with lower accuracies.

## Work on it

Run the cells from top to bottom. Where the notebook asks you to predict, write down your guess before you run the next cell. Replace the line `raise NotImplementedError(...)` of an exercise with your answer. The tests below it say what was expected, what came, and what to look at; further tests, with other numbers, run when your work is graded.

Add cells wherever you like. Leave the cells with tests as they are, and do not delete or copy the cells of an exercise.

## Hand it in

1. Restart and run everything once more, so that you see what a fresh start gives (Jupyter: *Kernel → Restart Kernel and Run All Cells*; Colab: *Runtime → Restart session and run all*). It may stop at an exercise that you have not solved; hand it in all the same.
2. Save. In Colab: *File → Download → Download .ipynb*.
3. Hand in this `.ipynb` file, nothing else, where your instructor says. You may do so again; the last one counts.

## Help

Read the message of a test slowly: it names what to look at. If that does not help, ask your instructor, with the message and the lesson's name. If the notebook cannot find `course_utils`, the step with `pip install` above is missing, or was run in another environment.

## Licences

Code: BSD 3-Clause (`LICENSE`). Text and figures: CC BY 4.0 (`LICENSE-content`). The images that come with the course have licences of their own, named in `course_utils/datasets/embedded/README.md` and `course_utils/datasets/emoji10/README.md`."""


def readme_of_repository(titles):
    """Write the README of all lessons.

    Parameters
    ----------
    titles : dict of str to str
        Titles of the lessons by name.

    Returns
    -------
    str
    """
    rows = (
        f"| {title.replace('|', ' ')} | [{name}.ipynb]({name}/{name}.ipynb) "
        f"| [{name}.zip]({name}.zip) |"
        for name, title in titles.items()
    )
    return REPOSITORY.format(lessons="\n".join(rows), install=INSTALL)


def readme_of_lesson(lesson, title):
    """Write the README in the zip of one lesson.

    Parameters
    ----------
    lesson, title : str

    Returns
    -------
    str
    """
    return LESSON.format(lesson=lesson, title=title, install=INSTALL)
