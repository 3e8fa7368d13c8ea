"""Teach the recogniser small print, print under seals and letters of seals: a study, not run by the product.

`crops` makes crops with their truth by the product's own pipeline, `network` turns the ONNX file into a torch module and back, `train`
goes on from the published weights, `measure` sets two files of weights side by side. Needs torch and onnx (the extra `bench`).
"""
