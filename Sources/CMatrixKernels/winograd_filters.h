// Filters of Winograd's algorithm and their gradients, included by winograd.h.

// G g Gᵀ of the taps of a phase, for WIDTH lanes that are `lane_step` apart, into vectors that are `to_step` apart.
TARGET static inline void FORM(transform_taps)(
  const float *taps, size_t lane_step, int phase, bool is_rotated, float *to, size_t to_step) {
  NAME(vector) g[TAPS * TAPS], half[FORM(side) * TAPS], u[FORM(elements)];
  for (int tap = 0; tap < TAPS * TAPS; tap++) {
    int row = STRIDE * (tap / TAPS) + phase / STRIDE, column = STRIDE * (tap % TAPS) + phase % STRIDE;
    int place = row * FORM(extent) + column;
    if (is_rotated) place = FORM(extent) * FORM(extent) - 1 - place;
    for (int i = 0; i < WIDTH; i++) g[tap][i] = taps[i * lane_step + place];
  }
  for (int j = 0; j < TAPS; j++) FORM(spread_taps)(g + j, TAPS, half + j, TAPS);
  for (int i = 0; i < FORM(side); i++) FORM(spread_taps)(half + TAPS * i, 1, u + FORM(side) * i, 1);
  for (int f = 0; f < FORM(elements); f++) *(NAME(vector) *)(to + f * to_step) = u[f];
}

// The gradient [filters, channels, extent, extent] from sums[elements][phases][channels][filters], of the channels
// first..<first + count.
TARGET static void FORM(taps)(
  const lmtc_winograd *w, const float *sums, float *gradient, size_t first, size_t count) {
  size_t taps = FORM(extent) * FORM(extent), plane = FORM(plane)(FORM(phases) * w->channels, w->filters);
  for (size_t channel = first; channel < first + count; channel++)
    for (size_t lane = 0; lane < w->filters; lane += WIDTH)
      for (int phase = 0; phase < FORM(phases); phase++) {
        NAME(vector) u[FORM(elements)], half[TAPS * FORM(side)], g[TAPS * TAPS];
        const float *from = sums + (phase * w->channels + channel) * w->filters + lane;
        for (int f = 0; f < FORM(elements); f++)
          u[f] = *(const NAME(vector) *)(from + f * plane);
        for (int j = 0; j < FORM(side); j++) FORM(gather_taps)(u + j, FORM(side), half + j, FORM(side));
        for (int i = 0; i < TAPS; i++) FORM(gather_taps)(half + FORM(side) * i, 1, g + TAPS * i, 1);
        for (int tap = 0; tap < TAPS * TAPS; tap++) {
          int row = STRIDE * (tap / TAPS) + phase / STRIDE, column = STRIDE * (tap % TAPS) + phase % STRIDE;
          for (int i = 0; i < WIDTH; i++)
            gradient[((lane + i) * w->channels + channel) * taps + row * FORM(extent) + column] = g[tap][i];
        }
      }
}

// The filter [filters, channels, extent, extent] as transformed[elements][filters / lanes][phases][channels][lanes], of
// the channels first..<first + count.
TARGET static void FORM(filter)(
  const lmtc_winograd *w, const float *filter, float *transformed, size_t first, size_t count) {
  size_t taps = FORM(extent) * FORM(extent), inputs = FORM(phases) * w->channels;
  for (size_t channel = first; channel < first + count; channel++)
    for (size_t lane = 0; lane < w->filters; lane += WIDTH)
      for (int phase = 0; phase < FORM(phases); phase++) {
        size_t panel = lane / NAME(lanes), within = lane % NAME(lanes), input = phase * w->channels + channel;
        FORM(transform_taps)(
          filter + (lane * w->channels + channel) * taps, w->channels * taps, phase, false,
          transformed + (panel * inputs + input) * NAME(lanes) + within, FORM(plane)(inputs, w->filters));
      }
}

#if STRIDE == 1
// The adjoint of a stride of 1 is a convolution of the result's gradient with the filter rotated by a half turn: w
// describes that convolution, whose channels are the filters.
TARGET static void FORM(adjoint_filter)(
  const lmtc_winograd *w, const float *filter, float *transformed, size_t first, size_t count) {
  size_t taps = FORM(extent) * FORM(extent);
  for (size_t channel = first; channel < first + count; channel++)
    for (size_t lane = 0; lane < w->filters; lane += WIDTH) {
      size_t panel = lane / NAME(lanes), within = lane % NAME(lanes);
      FORM(transform_taps)(
        filter + (channel * w->filters + lane) * taps, taps, 0, true,
        transformed + (panel * w->channels + channel) * NAME(lanes) + within, FORM(plane)(w->channels, w->filters));
    }
}
#else
// The filter as transformed[elements][phases * channels / lanes][filters][lanes], of the filters first..<first + count.
TARGET static void FORM(adjoint_filter)(
  const lmtc_winograd *w, const float *filter, float *transformed, size_t first, size_t count) {
  size_t taps = FORM(extent) * FORM(extent), inputs = FORM(phases) * w->channels;
  for (size_t row = first; row < first + count; row++)
    for (size_t input = 0; input < inputs; input += WIDTH) {
      size_t panel = input / NAME(lanes), within = input % NAME(lanes);
      FORM(transform_taps)(
        filter + (row * w->channels + input % w->channels) * taps, taps, (int)(input / w->channels), false,
        transformed + (panel * w->filters + row) * NAME(lanes) + within, FORM(plane)(inputs, w->filters));
    }
}
#endif
