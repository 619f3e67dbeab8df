// Convolutions with 4×4 taps and stride 2 by F(7×7, 2×2) of their phases, with the points 0, ±1, ±2, ±1/2 and ∞,
// included for each instruction set. The transforms are of one row or column, whose vectors lie `step` and `to` apart.

#define RESULTS 7
#define TAPS 2
#define STRIDE 2
#define FORM(x) JOIN(NAME(x), eight)

// v = Bᵀ d.
TARGET static inline void FORM(spread_input)(const NAME(vector) *d, size_t step, NAME(vector) *v, size_t to) {
  NAME(vector) even = d[2 * step] + d[6 * step] - 4.25f * d[4 * step];
  NAME(vector) odd = d[step] + d[5 * step] - 4.25f * d[3 * step];
  NAME(vector) far_even = d[6 * step] + 0.25f * d[2 * step] - 1.25f * d[4 * step];
  NAME(vector) far_odd = 0.5f * d[step] - 2.5f * d[3 * step] + 2 * d[5 * step];
  NAME(vector) near_even = d[6 * step] + 4 * d[2 * step] - 5 * d[4 * step];
  NAME(vector) near_odd = 2 * d[step] - 2.5f * d[3 * step] + 0.5f * d[5 * step];
  v[0] = d[0] - d[6 * step] + 5.25f * (d[4 * step] - d[2 * step]);
  v[to] = even + odd;
  v[2 * to] = even - odd;
  v[3 * to] = far_even + far_odd;
  v[4 * to] = far_even - far_odd;
  v[5 * to] = near_even + near_odd;
  v[6 * to] = near_even - near_odd;
  v[7 * to] = d[7 * step] - d[step] + 5.25f * (d[3 * step] - d[5 * step]);
}

// d = B v.
TARGET static inline void FORM(gather_input)(const NAME(vector) *v, size_t step, NAME(vector) *d, size_t to) {
  NAME(vector) even = v[step] + v[2 * step], odd = v[step] - v[2 * step];
  NAME(vector) far_even = v[3 * step] + v[4 * step], far_odd = v[3 * step] - v[4 * step];
  NAME(vector) near_even = v[5 * step] + v[6 * step], near_odd = v[5 * step] - v[6 * step];
  NAME(vector) first = v[0], last = v[7 * step];
  d[0] = first;
  d[to] = odd + 0.5f * far_odd + 2 * near_odd - last;
  d[2 * to] = even + 0.25f * far_even + 4 * near_even - 5.25f * first;
  d[3 * to] = 5.25f * last - 4.25f * odd - 2.5f * (far_odd + near_odd);
  d[4 * to] = 5.25f * first - 4.25f * even - 1.25f * far_even - 5 * near_even;
  d[5 * to] = odd + 2 * far_odd + 0.5f * near_odd - 5.25f * last;
  d[6 * to] = even + far_even + near_even - first;
  d[7 * to] = last;
}

// y = Aᵀ m.
TARGET static inline void FORM(gather_output)(const NAME(vector) *m, size_t step, NAME(vector) *y, size_t to) {
  NAME(vector) even = m[step] + m[2 * step], odd = m[step] - m[2 * step];
  NAME(vector) far_even = m[3 * step] + m[4 * step], far_odd = m[3 * step] - m[4 * step];
  NAME(vector) near_even = m[5 * step] + m[6 * step], near_odd = m[5 * step] - m[6 * step];
  y[0] = m[0] + even + far_even + near_even;
  y[to] = odd + 2 * far_odd + 0.5f * near_odd;
  y[2 * to] = even + 4 * far_even + 0.25f * near_even;
  y[3 * to] = odd + 8 * far_odd + 0.125f * near_odd;
  y[4 * to] = even + 16 * far_even + 0.0625f * near_even;
  y[5 * to] = odd + 32 * far_odd + 0.03125f * near_odd;
  y[6 * to] = even + 64 * far_even + 0.015625f * near_even + m[7 * step];
}

// e = A y.
TARGET static inline void FORM(spread_output)(const NAME(vector) *y, size_t step, NAME(vector) *e, size_t to) {
  NAME(vector) even = y[0] + y[2 * step] + y[4 * step] + y[6 * step], odd = y[step] + y[3 * step] + y[5 * step];
  NAME(vector) far_even = y[0] + 4 * y[2 * step] + 16 * y[4 * step] + 64 * y[6 * step];
  NAME(vector) far_odd = 2 * y[step] + 8 * y[3 * step] + 32 * y[5 * step];
  NAME(vector) near_even = y[0] + 0.25f * y[2 * step] + 0.0625f * y[4 * step] + 0.015625f * y[6 * step];
  NAME(vector) near_odd = 0.5f * y[step] + 0.125f * y[3 * step] + 0.03125f * y[5 * step];
  e[0] = y[0];
  e[to] = even + odd;
  e[2 * to] = even - odd;
  e[3 * to] = far_even + far_odd;
  e[4 * to] = far_even - far_odd;
  e[5 * to] = near_even + near_odd;
  e[6 * to] = near_even - near_odd;
  e[7 * to] = y[6 * step];
}

// u = G g.
TARGET static inline void FORM(spread_taps)(const NAME(vector) *g, size_t step, NAME(vector) *u, size_t to) {
  u[0] = g[0];
  u[to] = (g[0] + g[step]) * (-2.0f / 9);
  u[2 * to] = (g[0] - g[step]) * (-2.0f / 9);
  u[3 * to] = (g[0] + 2 * g[step]) * (1.0f / 90);
  u[4 * to] = (g[0] - 2 * g[step]) * (1.0f / 90);
  u[5 * to] = (g[0] + 0.5f * g[step]) * (32.0f / 45);
  u[6 * to] = (g[0] - 0.5f * g[step]) * (32.0f / 45);
  u[7 * to] = g[step];
}

// g = Gᵀ u.
TARGET static inline void FORM(gather_taps)(const NAME(vector) *u, size_t step, NAME(vector) *g, size_t to) {
  NAME(vector) even = u[step] + u[2 * step], odd = u[step] - u[2 * step];
  NAME(vector) far_even = u[3 * step] + u[4 * step], far_odd = u[3 * step] - u[4 * step];
  NAME(vector) near_even = u[5 * step] + u[6 * step], near_odd = u[5 * step] - u[6 * step];
  g[0] = u[0] + (-2.0f / 9) * even + (1.0f / 90) * far_even + (32.0f / 45) * near_even;
  g[to] = u[7 * step] + (-2.0f / 9) * odd + (1.0f / 45) * far_odd + (16.0f / 45) * near_odd;
}

#include "winograd.h"
