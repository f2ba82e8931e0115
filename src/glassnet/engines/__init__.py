"""Who computes. The NumPy engine is the reference that every other is held to.

Where to begin reading:

- `choice` decides which engine trains or predicts; `cost` estimates the work it decides by.
- `numpy_engine` is the reference and has the functions of an engine's door, with `passes`
  for the way forward and back. They take a plan, a state and `data`; `trained` is what
  training reports.
- `numba_engine` and `numba_prediction` have the same functions and run machine code;
  `numba_perceptron` does so for the perceptron's rule, and `arrays` says where numbers lie.
  `glassnet.engines.compiled` says how that code is put together.
- `cores` and `threads` say how many threads may work, and hold BLAS to one; `company` is what
  fits that run side by side know of each other; `kept` keeps what prediction sets up.
- `ahead` compiles before it is needed, and `installed` says what is there.
"""
