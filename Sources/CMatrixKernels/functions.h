// exp, log and functions derived from them, in float32 without tables or branches, included by elementwise.h.
//
// The polynomials are the minimax fits of the Cephes library (Moshier 1989); each function is within 2.5 ulp of the
// true value and exact in its limits at ±∞, ±0 and NaN.

// 2ⁿ for n in the normal range.
TARGET static inline NAME(vector) NAME(power_of_two)(NAME(masks) n) {
  return (NAME(vector))((n + 127) << 23);
}

// eˣ, subnormal results included.
TARGET static inline NAME(vector) NAME(exponential)(NAME(vector) argument) {
  NAME(vector) x = NAME(chosen)(argument > -104, argument, NAME(every)(-104));
  x = NAME(chosen)(x < 89, x, NAME(every)(89));
  // 1.5 · 2²³ rounds to the nearest integer.
  NAME(vector) shifted = x * 1.44269504f + 12582912.0f;
  NAME(vector) n = shifted - 12582912.0f;
  NAME(vector) r = (x - n * 0.693359375f) + n * 2.1219444e-4f;
  NAME(vector) p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  NAME(vector) y = (p * (r * r) + r) + 1;
  // Two factors, because 2ⁿ itself may lie outside the normal range.
  NAME(masks) exponent = (NAME(masks))shifted - 0x4B400000, half = exponent >> 1;
  NAME(vector) scaled = y * NAME(power_of_two)(half) * NAME(power_of_two)(exponent - half);
  return NAME(chosen)(argument != argument, argument, scaled);
}

// ln x: −∞ at 0, NaN below.
TARGET static inline NAME(vector) NAME(logarithm)(NAME(vector) argument) {
  NAME(masks) tiny = argument < 0x1p-126f;
  NAME(vector) x = NAME(chosen)(tiny, argument * 0x1p23f, argument);
  NAME(masks) bits = (NAME(masks))x;
  NAME(masks) shift = (bits - 0x3F3504F3) >> 23;  // The mantissa is in [√½, √2).
  NAME(vector) m = (NAME(vector))(bits - (shift << 23)) - 1;
  // Small integers in the low bits of 1.5 · 2²³.
  NAME(vector) e = ((NAME(vector))(shift + 0x4B400000) - 12582912.0f)
    + NAME(chosen)(tiny, NAME(every)(-23), NAME(every)(0));
  NAME(vector) square = m * m;
  NAME(vector) p = m * 7.0376836292e-2f - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  NAME(vector) tail = (p * m * square + e * -2.1219444e-4f) - square * 0.5f;
  NAME(vector) y = (m + tail) + e * 0.693359375f;
  y = NAME(chosen)(argument == NAME(every)(__builtin_inff()), NAME(every)(__builtin_inff()), y);
  y = NAME(chosen)(argument < 0, NAME(every)(__builtin_nanf("")), y);
  y = NAME(chosen)(argument == 0, NAME(every)(-__builtin_inff()), y);
  return NAME(chosen)(argument != argument, argument, y);
}

// ln(1 + x), relatively accurate at small x (the correction of Kahan).
TARGET static inline NAME(vector) NAME(logarithm_of_one_plus)(NAME(vector) x) {
  NAME(vector) u = x + 1;
  NAME(vector) y = NAME(logarithm)(u) * (x / (u - 1));
  y = NAME(chosen)((u == 1) | (x == NAME(every)(__builtin_inff())), x, y);
  return NAME(chosen)(x == -1, NAME(every)(-__builtin_inff()), y);
}

TARGET static inline NAME(vector) NAME(hyperbolic_tangent)(NAME(vector) x) {
  NAME(vector) magnitude = NAME(magnitudes)(x), z = x * x;
  NAME(vector) p = z * -5.70498872745e-3f + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  NAME(vector) near = p * z * x + x;
  NAME(vector) far = NAME(with_sign)(1 - 2 / (NAME(exponential)(magnitude + magnitude) + 1), x);
  return NAME(chosen)(magnitude < 0.625f, near, far);
}

// 1 / (1 + e⁻ˣ).
TARGET static inline NAME(vector) NAME(logistic)(NAME(vector) x) {
  NAME(vector) e = NAME(exponential)(-NAME(magnitudes)(x));
  return NAME(chosen)(x < 0, e, NAME(every)(1)) / (e + 1);
}

// 1 − erf x for x ≥ 1, to an absolute 10⁻⁸.
TARGET static inline NAME(vector) NAME(error_function_complement)(NAME(vector) argument) {
  NAME(vector) x = NAME(chosen)((argument < 10) | (argument != argument), argument, NAME(every)(10));
  NAME(vector) q = 1 / x, y = q * q;
  NAME(vector) near = y * 2.326819970068386e-2f - 1.387039388740657e-1f;
  near = near * y + 3.687424674597105e-1f;
  near = near * y - 5.824733027278666e-1f;
  near = near * y + 6.210004621745983e-1f;
  near = near * y - 4.944515323274145e-1f;
  near = near * y + 3.404879937665872e-1f;
  near = near * y - 2.741127028184656e-1f;
  near = near * y + 5.638259427386472e-1f;
  NAME(vector) far = y * -1.047766399936249e1f + 1.297719955372516e1f;
  far = far * y - 7.495518717768503f;
  far = far * y + 2.921019019210786f;
  far = far * y - 1.015265279202700f;
  far = far * y + 4.218463358204948e-1f;
  far = far * y - 2.820767439740514e-1f;
  far = far * y + 5.641895067754075e-1f;
  return NAME(exponential)(-(x * x)) * q * NAME(chosen)(x < 2, near, far);
}

// erf x.
TARGET static inline NAME(vector) NAME(error_function)(NAME(vector) x) {
  NAME(vector) magnitude = NAME(magnitudes)(x), z = x * x;
  NAME(vector) p = z * 7.853861353153693e-5f - 8.010193625184903e-4f;
  p = p * z + 5.188327685732524e-3f;
  p = p * z - 2.685381193529856e-2f;
  p = p * z + 1.128358514861418e-1f;
  p = p * z - 3.761262582423300e-1f;
  p = p * z + 1.128379165726710f;
  NAME(vector) far = NAME(with_sign)(1 - NAME(error_function_complement)(magnitude), x);
  return NAME(chosen)(magnitude <= 1, p * x, far);
}
