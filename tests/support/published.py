"""Published networks at reduced width, built anew from what their papers describe.

Each is a function of no arguments. `PUBLISHED` says what is read of them.
"""

from typing import NamedTuple

import keras
from keras import layers, ops

LENGTH = 96


def conv(filters, size, name, **options):
    return layers.Conv1D(filters, size, **{"padding": "same", "name": name, **options})


def through(x, *parts):
    for part in parts:
        x = part(x)
    return x


def sequences():
    return keras.Input((LENGTH, 4), name="sequences")


def deepstarr():
    """Convolution, batch norm, ReLU, pool, four times; two activities of enhancers."""
    inputs = x = sequences()
    for number, size in enumerate((7, 3, 5, 3), start=1):
        x = through(
            x,
            conv(6, size, f"conv{number}"),
            layers.BatchNormalization(),
            layers.ReLU(name=f"relu{number}"),
            layers.MaxPooling1D(2),
        )
    x = through(x, layers.Flatten(), layers.Dense(8, activation="relu"))
    heads = [layers.Dense(1, name=name)(x) for name in ("dev", "hk")]
    return keras.Model(inputs, heads)


def spliceai():
    """Blocks of norm, ReLU and dilated convolution around a convolution of one base."""
    inputs = sequences()
    x = conv(6, 1, "first")(inputs)
    skip = conv(6, 1, "skip")(x)
    for number, dilation in enumerate((1, 4), start=1):
        y = x
        for part in "ab":
            y = through(
                y,
                layers.BatchNormalization(),
                layers.ReLU(name=f"relu{number}{part}"),
                conv(6, 5, f"conv{number}{part}", dilation_rate=dilation),
            )
        x = layers.Add(name=f"block{number}")([x, y])
    skip = layers.Add()([skip, conv(6, 1, "skip2")(x)])
    return keras.Model(inputs, conv(3, 1, "splice", activation="softmax")(skip))


def basset():
    """Three convolutions with norm, ReLU and large pools; accessibility."""
    inputs = x = sequences()
    for number, (size, pool) in enumerate(((19, 3), (11, 4), (7, 4)), start=1):
        x = through(
            x,
            conv(6, size, f"conv{number}"),
            layers.BatchNormalization(),
            layers.ReLU(name=f"relu{number}"),
            layers.MaxPooling1D(pool),
        )
    head = through(x, layers.Flatten(), layers.Dense(3, activation="sigmoid"))
    return keras.Model(inputs, head)


def profile_and_counts(inputs, name):
    """BPNet's body and heads: residual dilated convolutions, profile and counts."""
    x = conv(6, 15, f"{name}_first", activation="relu")(inputs)
    for number in (1, 2):
        y = conv(6, 3, f"{name}_dilated{number}", dilation_rate=2**number)
        x = layers.Add()([x, layers.ReLU(name=f"{name}_relu{number}")(y(x))])
    profile = through(x, conv(1, 11, f"{name}_profile"), layers.Flatten())
    counts = through(x, layers.GlobalAveragePooling1D(), layers.Dense(1))
    return profile, counts


def bpnet():
    inputs = sequences()
    return keras.Model(inputs, profile_and_counts(inputs, "main"))


def chrombpnet():
    """BPNet beside a frozen network of the enzyme's bias; the bias comes first."""
    inputs = sequences()
    bias = keras.Model(inputs, profile_and_counts(inputs, "bias"), name="bias")
    bias.trainable = False
    other = sequences()
    main = keras.Model(other, profile_and_counts(other, "main"), name="main")
    whole = sequences()
    (bias_profile, bias_counts), (profile, counts) = bias(whole), main(whole)
    profile = layers.Add(name="profile")([profile, bias_profile])
    counts = ops.logsumexp(
        ops.concatenate([counts, bias_counts]), axis=1, keepdims=True
    )
    return keras.Model(whole, [profile, counts])


def basenji():
    """GELU before each convolution, norm behind it; then dilated residual blocks."""
    inputs = x = sequences()
    for number in (1, 2):
        x = through(
            x,
            layers.Activation("gelu", name=f"gelu{number}"),
            conv(6, 15 if number == 1 else 5, f"conv{number}", use_bias=False),
            layers.BatchNormalization(),
            layers.MaxPooling1D(2),
        )
    y = layers.Activation("gelu", name="gelu3")(x)
    y = conv(6, 3, "dilated", dilation_rate=2, use_bias=False)(y)
    x = layers.Add()([x, layers.Dropout(0.3)(layers.BatchNormalization()(y))])
    x = layers.Activation("gelu", name="gelu4")(x)
    return keras.Model(inputs, layers.Dense(2, activation="softplus")(x))


class AttentionPool(layers.Layer):
    """Softmax pooling of pairs of positions, with learned scores."""

    def build(self, shape):
        size = shape[-1]
        self.scores = self.add_weight(shape=(size, size), initializer="identity")

    def call(self, x):
        pairs = ops.reshape(x, (-1, x.shape[1] // 2, 2, x.shape[2]))
        weights = ops.softmax(ops.matmul(pairs, self.scores), axis=2)
        return ops.sum(pairs * weights, axis=2)


def enformer_stem():
    """A wide convolution, a residual block of norm, GELU and one base, a soft pool."""
    inputs = sequences()
    x = conv(6, 15, "stem")(inputs)
    y = through(
        x,
        layers.BatchNormalization(),
        layers.Activation("gelu", name="gelu1"),
        conv(6, 1, "pointwise"),
    )
    x = AttentionPool(name="soft_pool")(layers.Add()([x, y]))
    x = through(
        x,
        layers.BatchNormalization(),
        layers.Activation("gelu", name="gelu2"),
        conv(6, 5, "tower"),
    )
    y = layers.LayerNormalization()(x)
    y = layers.MultiHeadAttention(2, 4, name="attention")(y, y)
    return keras.Model(inputs, layers.Dense(2)(layers.Add()([x, y])))


def borzoi():
    """A bare convolution and pool, then blocks of norm, GELU, convolution, pool."""
    inputs = sequences()
    x = through(inputs, conv(6, 15, "stem"), layers.MaxPooling1D(2))
    for number in (1, 2):
        x = through(
            x,
            layers.BatchNormalization(),
            layers.Activation("gelu", name=f"gelu{number}"),
            conv(6, 5, f"conv{number}"),
            layers.MaxPooling1D(2),
        )
    return keras.Model(inputs, layers.Dense(2)(x))


def danq():
    """One wide convolution, a large pool, a recurrent layer of both directions."""
    inputs = sequences()
    x = through(
        inputs,
        conv(6, 26, "conv", activation="relu", padding="valid"),
        layers.MaxPooling1D(13, name="pool"),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.Flatten(),
        layers.Dense(4, activation="sigmoid"),
    )
    return keras.Model(inputs, x)


def mpra_dragonn():
    """Two convolutions with norm behind the ReLU, one pool; expression."""
    inputs = x = sequences()
    for number in (1, 2):
        x = conv(6, 5, f"conv{number}", activation="relu", padding="valid")(x)
        x = layers.BatchNormalization()(x)
    x = through(x, layers.MaxPooling1D(5), layers.Flatten(), layers.Dense(3))
    return keras.Model(inputs, x)


def aparent():
    """Convolutions in two dimensions, over (length, 4, 1); the library beside them."""
    inputs = keras.Input((LENGTH, 4, 1), name="sequences")
    library = keras.Input((3,), name="library")
    x = through(
        inputs,
        layers.Conv2D(6, (8, 4), activation="relu", name="conv1"),
        layers.MaxPooling2D((2, 1)),
        layers.Conv2D(6, (6, 1), activation="relu", name="conv2"),
        layers.Flatten(),
        layers.Dense(8, activation="relu"),
    )
    x = layers.Concatenate()([x, library])
    return keras.Model([inputs, library], layers.Dense(1, activation="sigmoid")(x))


def deepselex():
    """One convolution over short reads, its largest values, dense layers; cycles."""
    inputs = sequences()
    x = through(
        inputs,
        conv(8, 8, "conv", activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(8, activation="relu"),
        layers.Dense(5, activation="sigmoid"),
    )
    return keras.Model(inputs, x)


class Augmenting(keras.Model):
    """Shifts what its inner model is trained on, as training wrappers do."""

    def __init__(self):
        super().__init__()
        self.inner = deepselex()

    def call(self, x, training=False):
        return self.inner(ops.roll(x, 2, axis=1) if training else x)


def augmenting():
    model = Augmenting()
    model.build((None, LENGTH, 4))
    model(ops.zeros((1, LENGTH, 4)))
    return model


def two_strands():
    """One tower for both strands, the reverse complement first; the larger output."""
    inputs = sequences()
    tower = [
        conv(6, 9, "conv", activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(2),
    ]
    other = through(ops.flip(inputs, axis=(1, 2)), *tower)
    return keras.Model(inputs, layers.Maximum()([other, through(inputs, *tower)]))


def inception():
    """Three first convolutions of different widths beside each other."""
    inputs = sequences()
    stems = [conv(3, k, f"width{k}", activation="relu")(inputs) for k in (5, 9, 15)]
    x = conv(4, 3, "deeper", activation="relu")(layers.Concatenate()(stems))
    return keras.Model(inputs, layers.Dense(1)(layers.GlobalMaxPooling1D()(x)))


class Read(NamedTuple):
    """What is read of a network.

    Attributes:
        build: Builds it.
        first: The layer that is read by default.
        field: Where its position 0 starts, how many bases it sees, and its stride.
        deeper: Another layer.
        activation: What the first layer has.
        is_one_of_several: Whether a warning lists others beside it.
    """

    build: object
    first: str
    field: tuple[int, int, int]
    deeper: str
    activation: str = "relu"
    is_one_of_several: bool = False


PUBLISHED = {
    "deepstarr": Read(deepstarr, "relu1", (-3, 7, 1), "relu3"),
    "spliceai": Read(spliceai, "relu1b", (-2, 5, 1), "block2"),
    "basset": Read(basset, "relu1", (-9, 19, 1), "relu2"),
    "bpnet": Read(bpnet, "main_first", (-7, 15, 1), "main_relu2"),
    "chrombpnet": Read(
        chrombpnet, "main_first", (-7, 15, 1), "main_relu1", "relu", True
    ),
    "basenji": Read(basenji, "gelu2", (-7, 16, 2), "gelu4", "gelu"),
    "enformer_stem": Read(enformer_stem, "gelu1", (-7, 15, 1), "gelu2", "gelu"),
    "borzoi": Read(borzoi, "gelu1", (-7, 16, 2), "conv2", "gelu"),
    "danq": Read(danq, "conv", (0, 26, 1), "pool"),
    "mpra_dragonn": Read(mpra_dragonn, "conv1", (0, 5, 1), "conv2"),
    "aparent": Read(aparent, "conv1", (0, 8, 1), "conv2"),
    "deepselex": Read(deepselex, "conv", (-3, 8, 1), "conv"),
    "augmenting": Read(augmenting, "conv", (-3, 8, 1), "conv"),
    "two_strands": Read(two_strands, "conv", (-4, 9, 1), "conv"),
    "inception": Read(inception, "width5", (-2, 5, 1), "deeper", "relu", True),
}
