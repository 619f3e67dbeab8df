"""Writes the ONNX models of these tests that come from Keras by tf2onnx, as make-models.py does the others.

    python3 -m venv env && env/bin/pip install tensorflow-cpu tf2onnx onnxruntime
    env/bin/python Tests/ONNXTests/make-keras-models.py
"""

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from keras import layers

from stored import FOLDER, finish


def convolutional():
    return keras.Sequential([
        keras.Input((8, 8, 2)), layers.Conv2D(4, 3, padding="same", activation="relu"), layers.BatchNormalization(),
        layers.MaxPooling2D(2), layers.Conv2D(6, 3, strides=2, padding="same"), layers.LeakyReLU(0.1),
        layers.GlobalAveragePooling2D(), layers.Dense(3)])


def flattened():
    return keras.Sequential([
        keras.Input((6, 6, 3)), layers.Conv2D(3, 3, activation="relu"), layers.AveragePooling2D(2), layers.Flatten(),
        layers.Dense(5, activation="tanh"), layers.Dense(3)])


def dense():
    return keras.Sequential([
        keras.Input((5,)), layers.Dense(8, activation="silu"), layers.Dense(6, activation="elu"), layers.Dense(3)])


def convert(name, model):
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            draw = np.random.default_rng(1).uniform
            layer.set_weights([draw(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    shape = model.input_shape[1:]
    fed = [tf.TensorSpec((None, *shape), tf.float32, name="x")]
    tf2onnx.convert.from_function(
        tf.function(lambda x: model(x), input_signature=fed), input_signature=fed, opset=13,
        output_path=str(FOLDER / f"{name}.onnx"))
    finish(name, shape, axes=(0, 3, 1, 2) if len(shape) == 3 else None)


if __name__ == "__main__":
    keras.utils.set_random_seed(3)
    convert("keras-convolutional", convolutional())
    convert("keras-flattened", flattened())
    convert("keras-dense", dense())
