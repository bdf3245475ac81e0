"""A neural network that learns to reproduce its input through a bottleneck."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from detectors.base import Detector, DetectorConfig
from detectors.scaling import ColumnScaler
from detectors.validation import Matrix, Vector

Activation = Literal["relu", "tanh", "logistic"]

# Standard deviations within which the network sees values: extremes that it learnt to reproduce
# would be the last to show.
_SEEN = 3.0


class Autoencoder(Detector):
    """Reconstruction error of a neural network (Hawkins et al. 2002), from scikit-learn.

    Layers are columns -> ``hidden_units`` -> ``bottleneck`` -> ``hidden_units`` -> columns, trained
    with Adam on the standard-scaled columns, clipped at +-3. The score is the root of the mean over
    the columns of the squared error, measured on the values not clipped.
    """

    def __init__(
        self,
        hidden_units: int = 32,
        bottleneck: int | None = None,
        epochs: int = 50,
        batch_size: int = 64,
        learning_rate: float = 0.001,
        activation: Activation = "tanh",
        seed: int = 0,
    ) -> None:
        self.hidden_units = hidden_units
        self.bottleneck = bottleneck
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.activation = activation
        self.seed = seed

    def _fit(self, X: Matrix) -> Vector:
        from sklearn.neural_network import MLPRegressor

        self._scaler = ColumnScaler.fit(X, "standard")
        scaled = self._scaler.transform(X)
        seen = np.clip(scaled, -_SEEN, _SEEN)
        target = seen.ravel() if X.shape[1] == 1 else seen
        self.network_ = MLPRegressor(
            hidden_layer_sizes=(self.hidden_units, self._width(X.shape[1]), self.hidden_units),
            activation=self.activation,
            learning_rate_init=self.learning_rate,
            batch_size=self._lower("batch_size", len(X), len(X)),
            # A generator, not a number, which every epoch would start over.
            random_state=np.random.RandomState(self.seed % 2**32),
        )
        # Epochs are a budget here: fit() would call its end a failure to converge.
        for _ in range(self.epochs):
            self.network_.partial_fit(seen, target)
            if self.network_.n_iter_ == 0:  # scikit-learn ends the epoch and takes Ctrl-C for done
                raise KeyboardInterrupt
        return self._error(scaled)

    def _score(self, X: Matrix) -> Vector:
        return self._error(self._scaler.transform(X))

    def _width(self, n_features: int) -> int:
        return self.bottleneck if self.bottleneck is not None else max(1, n_features // 2)

    def _error(self, scaled: Matrix) -> Vector:
        rebuilt = self.network_.predict(np.clip(scaled, -_SEEN, _SEEN)).reshape(scaled.shape)
        error: Vector = np.sqrt(np.square(scaled - rebuilt).mean(axis=1))
        return error


class AutoencoderConfig(DetectorConfig):
    """Parameters of ``Autoencoder``."""

    display_name: ClassVar[str] = "Autoencoder"
    category: ClassVar[str] = "neural network"
    best_for: ClassVar[str] = "many related columns, with rows that break the relation"
    pros: ClassVar[tuple[str, ...]] = (
        "learns curved relations between columns",
        "scores new rows fast",
    )
    cons: ClassVar[tuple[str, ...]] = (
        "the slowest to train",
        "depends on the seed and on the size of the network",
        "needs columns that are related",
    )
    requires_scaling: ClassVar[bool] = True

    algorithm: Literal["autoencoder"] = "autoencoder"
    hidden_units: int = Field(
        default=32,
        ge=1,
        le=1024,
        description="Units in the layer before the bottleneck and in the one after it.",
    )
    bottleneck: int | None = Field(
        default=None, ge=1, le=512, description="Units in the middle. Empty: half the columns."
    )
    epochs: int = Field(default=50, ge=1, le=10_000, description="Passes over the training rows.")
    batch_size: int = Field(default=64, ge=1, le=100_000, description="Rows per update of weights.")
    learning_rate: float = Field(
        default=0.001, gt=0, le=0.1, description="Step size of the optimiser."
    )
    activation: Activation = Field(default="tanh", description="Activation of the hidden layers.")

    def build(self, seed: int) -> Autoencoder:
        """Return an unfitted detector; ``seed`` sets the first weights and the order of rows."""
        return Autoencoder(
            hidden_units=self.hidden_units,
            bottleneck=self.bottleneck,
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            activation=self.activation,
            seed=seed,
        )
