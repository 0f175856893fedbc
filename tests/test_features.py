"""What is computed about a network agrees with slow, independent calculations."""

import keras
import numpy as np
import pytest

from course_utils import features
from course_utils.features import filters, heat_maps

generator = np.random.default_rng(7)


def network(side=12, activation="softmax", seed=3):
    """A small network with random weights; its second map of "first" is dead."""
    keras.utils.set_random_seed(seed)
    built = keras.Sequential(
        [
            keras.Input((side, side, 3)),
            keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="first"),
            keras.layers.MaxPooling2D(2, name="pool"),
            keras.layers.Conv2D(5, 3, padding="same", activation="relu", name="second"),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(6, activation=activation, name="end"),
        ]
    )
    kernel, bias = built.get_layer("first").get_weights()
    bias[1] = -1000
    built.get_layer("first").set_weights([kernel, bias])
    return built


NETWORK = network()
IMAGES = generator.random((7, 12, 12, 3), dtype=np.float32)


def maps_of(layer, images=IMAGES):
    model = keras.Model(NETWORK.inputs[0], NETWORK.get_layer(layer).output)
    return np.asarray(model(images))


def probabilities(images):
    return np.asarray(NETWORK(images))


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_have_zero_in_mid_grey_and_the_largest_weight_at_an_end(channels):
    kernels = generator.normal(size=(3, 2, channels, 4)).astype("float32")
    kernels[..., 0] = 0
    kernels[..., 1] *= 0.01
    before = kernels.copy()
    pictures = features.kernel_pictures(kernels)
    np.testing.assert_array_equal(kernels, before)
    assert pictures.shape == (4, 3, 2, channels)
    np.testing.assert_array_equal(pictures[0], 0.5)
    for k in (1, 2, 3):
        largest = np.abs(kernels[..., k]).max()
        np.testing.assert_allclose(pictures[k], 0.5 + kernels[..., k] / largest / 2, rtol=1e-5)
        assert pictures[k].min() == 0 or pictures[k].max() == 1


@pytest.mark.parametrize("at_once", [3, 500])
def test_strongest_answers_are_those_of_the_maps(at_once, monkeypatch):
    monkeypatch.setattr(filters, "AT_ONCE", at_once)
    maps = maps_of("second")
    answers = features.strongest_answers(NETWORK, "second", IMAGES)
    assert answers.strengths.shape == answers.rows.shape == answers.columns.shape == (7, 5)
    for image, number in np.ndindex(7, 5):
        one = maps[image, :, :, number]
        assert answers.strengths[image, number] == pytest.approx(one.max(), rel=1e-5)
        place = answers.rows[image, number], answers.columns[image, number]
        assert one[place] == pytest.approx(one.max(), rel=1e-5)


def test_raw_pixels_are_scaled_and_left_as_they_are():
    raw = generator.integers(0, 256, (3, 12, 12, 3), np.uint8)
    raw.flags.writeable = False
    floats = raw / 255
    for calculate in (
        lambda images: features.strongest_answers(NETWORK, "first", images).strengths,
        lambda images: features.grad_cam(NETWORK, "second", images),
        lambda images: features.occlusion(NETWORK, images, size=4, step=4),
    ):
        np.testing.assert_allclose(calculate(raw), calculate(floats), atol=1e-5)


def test_most_exciting_images_come_first_and_equals_in_order():
    strengths = np.array([[1.0, 0], [5, 0], [2, 0], [5, 0], [0, 0]])
    assert features.most_exciting(strengths, 0, 3).tolist() == [1, 3, 2]
    assert features.most_exciting(strengths, 1, 3).tolist() == [0, 1, 2]
    assert features.most_exciting(strengths, 0, 99).tolist() == [1, 3, 2, 0, 4]


def test_dead_filters_are_those_with_maps_of_zeros():
    strengths = features.strongest_answers(NETWORK, "first", IMAGES).strengths
    expected = np.flatnonzero(~maps_of("first").any(axis=(0, 1, 2)))
    assert 1 in expected
    np.testing.assert_array_equal(features.dead_filters(strengths), expected)


@pytest.mark.parametrize("layer", ["first", "pool", "second"])
@pytest.mark.parametrize("place", [(0, 0), (2, 3), (5, 5)])
def test_only_pixels_of_the_seen_part_matter(layer, place):
    """Change one pixel after the other, in a network without ReLU in which nothing is hidden."""
    keras.utils.set_random_seed(1)
    linear = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Conv2D(1, 3, padding="same", kernel_initializer="ones", name="first"),
            keras.layers.AveragePooling2D(2, name="pool"),
            keras.layers.Conv2D(1, 3, padding="same", kernel_initializer="ones", name="second"),
        ]
    )
    model = keras.Model(linear.inputs[0], linear.get_layer(layer).output)
    dots = np.eye(144, dtype="float32").reshape(144, 12, 12, 1)
    matters = np.asarray(model(dots))[:, place[0], place[1], 0].reshape(12, 12) != 0
    rows, columns = (np.array([number]) for number in place)
    [[top, left, height, width]] = features.seen_part(linear, layer, rows, columns)
    expected = np.zeros((12, 12), bool)
    expected[max(top, 0) : top + height, max(left, 0) : left + width] = True
    np.testing.assert_array_equal(matters, expected)


def test_seen_part_knows_strides_and_dilation():
    built = keras.Sequential(
        [
            keras.Input((12, 15, 1)),
            keras.layers.Conv2D(1, (3, 2), strides=2, padding="same", kernel_initializer="ones"),
            keras.layers.Conv2D(1, 2, dilation_rate=2, kernel_initializer="ones", name="end"),
        ]
    )
    dots = np.eye(180, dtype="float32").reshape(180, 12, 15, 1)
    matters = np.asarray(built(dots))[:, 1, 2, 0].reshape(12, 15) != 0
    [[top, left, height, width]] = features.seen_part(built, "end", np.array([1]), np.array([2]))
    rows, columns = np.nonzero(matters)
    assert (rows.min(), columns.min()) == (top, left)
    assert (rows.max() + 1, columns.max() + 1) == (top + height, left + width)


@pytest.mark.parametrize("activation", ["softmax", "linear"])
@pytest.mark.parametrize("classes", [None, np.array([0, 5, 2, 2, 1, 3, 4])])
def test_grad_cam_is_that_of_the_paper(activation, classes):
    """The gradient by hand: "second" is followed by one matrix, the weights of the last layer."""
    built = network(activation=activation)
    matrix, bias = built.get_layer("end").get_weights()
    maps = np.asarray(keras.Model(built.inputs[0], built.get_layer("second").output)(IMAGES))
    scores = maps.reshape(7, -1) @ matrix + bias
    wanted = scores.argmax(axis=1) if classes is None else classes
    heat = features.grad_cam(built, "second", IMAGES, classes)
    assert heat.shape == (7, 6, 6)
    for image in range(7):
        gradient = matrix[:, wanted[image]].reshape(6, 6, 5)
        total = np.zeros((6, 6))
        for number in range(5):
            total += gradient[:, :, number].mean() * maps[image, :, :, number]
        np.testing.assert_allclose(heat[image], np.maximum(total, 0), atol=1e-5)


@pytest.mark.parametrize("at_once", [2, 500])
@pytest.mark.parametrize("classes", [None, np.array([0, 5, 2, 2, 1, 3, 4])])
def test_occlusion_is_the_mean_of_what_each_square_costs(classes, at_once, monkeypatch):
    monkeypatch.setattr(heat_maps, "AT_ONCE", at_once)
    before = IMAGES.copy()
    lost = features.occlusion(NETWORK, IMAGES, classes, size=5, step=3, fill=0.25)
    np.testing.assert_array_equal(IMAGES, before)
    wanted = probabilities(IMAGES).argmax(axis=1) if classes is None else classes
    total, times = np.zeros((7, 12, 12)), np.zeros((12, 12))
    for top in (0, 3, 6, 7):
        for left in (0, 3, 6, 7):
            covered = IMAGES.copy()
            covered[:, top : top + 5, left : left + 5, :] = 0.25
            change = probabilities(IMAGES) - probabilities(covered)
            for image in range(7):
                total[image, top : top + 5, left : left + 5] += change[image, wanted[image]]
            times[top : top + 5, left : left + 5] += 1
    np.testing.assert_allclose(lost, total / times, atol=1e-5)


def test_enlarged_keeps_the_shape_of_a_heat_map():
    heat = np.zeros((2, 4, 4), np.float32)
    heat[0, 1, 2] = 1
    large = features.enlarged(heat, 16, 12)
    assert large.shape == (2, 16, 12)
    assert not large[1].any()
    row, column = np.unravel_index(large[0].argmax(), (16, 12))
    assert (row // 4, column // 3) == (1, 2)
    np.testing.assert_allclose(features.enlarged(np.full((1, 2, 2), 3.0), 5, 5), 3, rtol=1e-6)


def test_agreement_is_the_correlation_over_pixels():
    first, second = generator.normal(size=(2, 4, 3, 5))
    second[1] = -2 * first[1] + 1
    second[2] = 0.7
    result = features.agreement(first, second)
    for image in (0, 1, 3):
        expected = np.corrcoef(first[image].ravel(), second[image].ravel())[0, 1]
        assert result[image] == pytest.approx(expected)
    assert result[1] == pytest.approx(-1)
    assert np.isnan(result[2])


STRENGTHS = np.ones((3, 2))


@pytest.mark.parametrize(
    ("call", "error", "part"),
    [
        (lambda: features.kernel_pictures([1]), TypeError, "got a list"),
        (
            lambda: features.kernel_pictures(np.zeros((3, 3, 32, 8))),
            ValueError,
            "got (3, 3, 32, 8)",
        ),
        (lambda: features.kernel_pictures(np.full((1, 1, 3, 1), np.nan)), ValueError, "got NaN"),
        (lambda: features.strongest_answers(7, "first", IMAGES), TypeError, "got int"),
        (lambda: features.strongest_answers(NETWORK, 0, IMAGES), TypeError, "got 0"),
        (lambda: features.strongest_answers(NETWORK, "third", IMAGES), ValueError, "got 'third'"),
        (lambda: features.strongest_answers(NETWORK, "flat", IMAGES), ValueError, "got 'flat'"),
        (lambda: features.strongest_answers(NETWORK, "first", [0]), TypeError, "got a list"),
        (lambda: features.strongest_answers(NETWORK, "first", IMAGES[0, 0]), ValueError, "got (12"),
        (lambda: features.strongest_answers(NETWORK, "first", IMAGES > 0), TypeError, "got bool"),
        (lambda: features.strongest_answers(NETWORK, "first", IMAGES / 0), ValueError, "got NaN"),
        (lambda: features.most_exciting([[1]], 0), TypeError, "got a list"),
        (lambda: features.most_exciting(np.ones(3), 0), ValueError, "got shape (3,)"),
        (lambda: features.most_exciting(STRENGTHS, 2), ValueError, "got 2"),
        (lambda: features.most_exciting(STRENGTHS, -1), ValueError, "got -1"),
        (lambda: features.most_exciting(STRENGTHS, 0.5), TypeError, "got a float"),
        (lambda: features.most_exciting(STRENGTHS, 0, 0), ValueError, "got 0"),
        (lambda: features.dead_filters(np.ones((2, 2, 2))), ValueError, "got shape (2, 2, 2)"),
        (
            lambda: features.seen_part(NETWORK, "end", np.array([0]), np.array([0])),
            ValueError,
            "got Flatten 'flat'",
        ),
        (lambda: features.seen_part(NETWORK, "pool", [0], [0]), TypeError, "got a list"),
        (lambda: features.grad_cam(NETWORK, "flat", IMAGES), ValueError, "got 'flat'"),
        (lambda: features.grad_cam(NETWORK, "first", IMAGES, np.arange(3)), ValueError, "got 3"),
        (lambda: features.grad_cam(NETWORK, "first", IMAGES, np.full(7, 6)), ValueError, "got 6"),
        (lambda: features.occlusion(NETWORK, IMAGES, size=13), ValueError, "got 13"),
        (lambda: features.occlusion(NETWORK, IMAGES, size=2, step=3), ValueError, "got 3"),
        (lambda: features.occlusion(NETWORK, IMAGES, size=2.0), TypeError, "got a float"),
        (lambda: features.occlusion("net", IMAGES), TypeError, "got str"),
        (lambda: features.enlarged(np.ones((2, 2)), 4, 4), ValueError, "got (2, 2)"),
        (lambda: features.enlarged(np.ones((1, 2, 2)), 0, 4), ValueError, "got 0"),
        (lambda: features.agreement(np.ones((1, 2, 2)), [1]), TypeError, "got a list"),
        (
            lambda: features.agreement(np.ones((1, 2, 2)), np.ones((1, 4, 4))),
            ValueError,
            "features.enlarged",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_wrong_arguments_are_told_with_a_mend(call, error, part):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert part in message
    assert " should " in message
    assert ". " in message.split("got ")[-1]


def test_a_network_with_another_end_is_refused():
    built = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 3, name="maps"), keras.layers.Flatten()]
    )
    with pytest.raises(ValueError, match="should end with a Dense layer"):
        features.grad_cam(built, "maps", np.zeros((1, 4, 4, 1)))
