// Convolutions with 3×3 taps and stride 1 by F(4×4, 3×3), with the points 0, ±1, ±2 and ∞ (Lavin and Gray 2016),
// included for each instruction set. The transforms are of one row or column, whose vectors lie `step` and `to` apart.

#define RESULTS 4
#define TAPS 3
#define STRIDE 1
#define FORM(x) JOIN(NAME(x), six)

// v = Bᵀ d.
TARGET static inline void FORM(spread_input)(const NAME(vector) *d, size_t step, NAME(vector) *v, size_t to) {
  NAME(vector) even = d[4 * step] - 4 * d[2 * step], odd = d[3 * step] - 4 * d[step];
  NAME(vector) near = d[4 * step] - d[2 * step], far = 2 * (d[3 * step] - d[step]);
  v[0] = 4 * (d[0] - d[2 * step]) + near;
  v[to] = even + odd;
  v[2 * to] = even - odd;
  v[3 * to] = near + far;
  v[4 * to] = near - far;
  v[5 * to] = 4 * (d[step] - d[3 * step]) + (d[5 * step] - d[3 * step]);
}

// y = Aᵀ m.
TARGET static inline void FORM(gather_output)(const NAME(vector) *m, size_t step, NAME(vector) *y, size_t to) {
  NAME(vector) sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
  NAME(vector) far_sum = m[3 * step] + m[4 * step], far_difference = m[3 * step] - m[4 * step];
  y[0] = m[0] + sum + far_sum;
  y[to] = difference + 2 * far_difference;
  y[2 * to] = sum + 4 * far_sum;
  y[3 * to] = difference + 8 * far_difference + m[5 * step];
}

// e = A y.
TARGET static inline void FORM(spread_output)(const NAME(vector) *y, size_t step, NAME(vector) *e, size_t to) {
  NAME(vector) even = y[0] + y[2 * step], odd = y[step] + y[3 * step];
  NAME(vector) far_even = y[0] + 4 * y[2 * step], far_odd = 2 * y[step] + 8 * y[3 * step];
  e[0] = y[0];
  e[to] = even + odd;
  e[2 * to] = even - odd;
  e[3 * to] = far_even + far_odd;
  e[4 * to] = far_even - far_odd;
  e[5 * to] = y[3 * step];
}

// u = G g.
TARGET static inline void FORM(spread_taps)(const NAME(vector) *g, size_t step, NAME(vector) *u, size_t to) {
  NAME(vector) ends = (g[0] + g[2 * step]) * (-1.0f / 6), middle = g[step] * (-1.0f / 6);
  NAME(vector) far_ends = (g[0] + 4 * g[2 * step]) * (1.0f / 24), far_middle = g[step] * (1.0f / 12);
  u[0] = g[0] * 0.25f;
  u[to] = ends + middle;
  u[2 * to] = ends - middle;
  u[3 * to] = far_ends + far_middle;
  u[4 * to] = far_ends - far_middle;
  u[5 * to] = g[2 * step];
}

// g = Gᵀ u.
TARGET static inline void FORM(gather_taps)(const NAME(vector) *u, size_t step, NAME(vector) *g, size_t to) {
  NAME(vector) sum = (u[step] + u[2 * step]) * (-1.0f / 6), difference = (u[2 * step] - u[step]) * (1.0f / 6);
  NAME(vector) far_sum = u[3 * step] + u[4 * step], far_difference = u[3 * step] - u[4 * step];
  g[0] = u[0] * 0.25f + sum + far_sum * (1.0f / 24);
  g[to] = difference + far_difference * (1.0f / 12);
  g[2 * to] = sum + far_sum * (1.0f / 6) + u[5 * step];
}

#include "winograd.h"
