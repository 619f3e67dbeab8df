// Generated from Sources/Catalog, Sources/LipschitzBounds, docs/diagnostics.md, docs/glossary.md and
// grammar/rejected; edit those.
// swift-format-ignore-file

extension Manual {
  /// Doc comments as Markdown, by what they describe.
  static let comments: [String: String] = [
    #"AOLParametrization"#: #"""
      Almost orthogonal layers: each row or column of a free V is scaled by what it overlaps with the others.

      W = D^−½V with D the diagonal of the sums Σⱼ |(VVᵀ)ᵢⱼ|, or the same for the columns if there are fewer.
      For filters VVᵀ is the operator of all correlations of two filters that the stride can reach.

      - Bound: D − VVᵀ is symmetric and diagonally dominant, so VVᵀ ≼ D and WWᵀ ≼ I: ‖W‖ ≤ 1 for every V.
        For filters this holds for the convolution of the whole plane; zeros around the image and its border
        only leave rows and columns out, so the zero-padded, strided operator itself is 1-Lipschitz. W is
        orthogonal where V is.
      - Cost: 2·M²·D operations for M rows of D elements, M ≤ D; for filters times the number of distances at
        which two of them overlap; three times that with derivatives.
      - Reference: Prach, Lampert 2022, theorem 1.
      """#,
    #"AbsLayer"#: #"""
      The magnitude: f(x) = |x| in the first ⌈β·C⌉ channels, x in the others.

      With β = 1 all channels lose their sign. Between orthogonal layers a β below 1 serves as LipNeXt's activation:
      which directions of the features are folded, and where, is learned by the weights and biases before it.

      - Shapes: any with C channels, the first axis of a sample, kept.
      - Bound: slopes −1 and 1; constant 1. A gradient keeps its norm almost everywhere.
      - Cost: one pass over the elements.
      - Reference: the reverse triangle inequality; Hu, Hu, Fredrikson 2026 (β-Abs of LipNeXt).
      """#,
    #"AdamOptimizer"#: #"""
      Adam: steps along the running mean of the gradient over the root of its running square.

      m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and
      v̂ = v/(1 − β₂ᵗ) at step t. Weight decay adds λp to g, for weights only.

      - Reference: Kingma, Ba 2015, algorithm 1.
      """#,
    #"AdamWOptimizer"#: #"""
      Adam with decoupled weight decay: p ← (1 − lr·λ)p − lr·m̂/(√v̂ + ε), the decay for weights only.

      m̂ and v̂ are those of `adam`, from the loss's gradient alone.

      - Reference: Loshchilov, Hutter 2019, algorithm 2.
      """#,
    #"AddLayer"#: #"""
      The sum of two or more inputs of one shape.

      - Shapes: S, …, S → S.
      - Bound: the sum of the inputs' bounds, by the triangle inequality; compositions may find
        a smaller bound of linear branches together.
      - Cost: one pass over the inputs.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, appendix B.
      """#,
    #"AffineAugmentation"#: #"""
      A random affine map about the image's center: scaled, sheared, rotated and moved, with bilinear interpolation
      between pixels and zeros outside.

      A point p = (x, y), measured from the center, comes to lie at R·H·S·p + t. S stretches each axis by a factor of
      its own, uniform in [1 − s, 1 + s]; H adds h·y to x, h uniform in [−shear, shear]; R rotates by an angle that is
      uniform in [−degrees, degrees]; t has two elements that are uniform in [−pixels, pixels].

      Zeros are those of the input space, after `scale` of the data. On 800 held-out training images of MNIST-5k the
      network of `specs/mnist-orthogonal.yaml` certified 0.563 at radius 1.58 with it, 0.537 with `translate` by a pixel.

      - Shapes: [C, H, W].
      - Cost: six products for each element, and the origin of each pixel.
      - Reference: Simard, Steinkraus, Platt 2003, section 2.
      """#,
    #"AvgPoolLayer"#: #"""
      The average over each window of a channel, padding counted as zeros.

      - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
        `padding: same`.
      - Bound: the spectral norm of the operator itself, the same for every channel: 1/√(kh·kw) where
        windows do not overlap, at most √n/√(kh·kw) with n windows over one element.
      - Cost: one pass over the windows.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 3.
      """#,
    #"BROParametrization"#: #"""
      A block reflector: a part of an orthogonal matrix of low rank beside the identity.

      I − 2V(VᵀV + εI)⁻¹Vᵀ for a free V [N, r], of which W takes the first rows or columns, N being the larger
      number of either. It is computed as I − 2UᵀU with U = C⁻¹Vᵀ and C Cᵀ = VᵀV + εI. For filters of
      overlapping windows W is divided by the root of the number of windows that read one element.

      - Bound: the matrix is symmetric with eigenvalues 1 − 2s²/(s² + ε), s a singular value of V, or 1. They
        are in [−1, 1] for every V and ε ≥ 0, and a part of a matrix has no larger norm. So ‖W‖ ≤ 1. Filters as
        for `orthogonal`.
      - Cost: about 14·r²·N + 6·M·r·N operations a step for M rows.
      - Reference: Lai et al. 2025, BRONet; Dietrich 1976.
      """#,
    #"BatchNormLayer"#: #"""
      Batch normalization: y = γ·(x − μ)/√(σ² + ε) + β for every channel.

      In training μ and σ² are the mean and the mean square deviation of the batch; `running_mean` and
      `running_var` follow them as (1 − m)·old + m·new, the variance times n/(n − 1) for n values per channel.
      In prediction μ and σ² are the running ones.

      - Shapes: any with at least one axis, kept; channels are the first axis of a sample; `weight` γ, `bias`
        β, `running_mean` and `running_var` [C].
      - Bound: constant max |γ|/√(σ² + ε), exact for the layer: a diagonal operator, which joins the linear
        layers before and after it. In training the batch's σ² replaces the running one, and the bound is
        differentiated with respect to it.
      - Cost: a few passes over the elements in training, one in prediction.
      - Reference: Ioffe, Szegedy 2015; Tsuzuku, Sato, Sugiyama 2018, section 4.
      """#,
    #"BjorckParametrization"#: #"""
      Nearly orthonormal rows or columns by Björck and Bowie's iteration: products of matrices only.

      W₀ = V/‖VVᵀ‖_F^½ for a free V, W ← 1.5·W − 0.5·WWᵀW, `iterations` times. For filters of overlapping
      windows W is divided by the root of the number of windows that read one element.

      - Bound: ‖VVᵀ‖_F^½ = (Σ s⁴)^¼ is at least the largest singular value, so those of W₀ are in [0, 1]. A step
        maps each of them by s ↦ 1.5·s − 0.5·s³, which maps [0, 1] into itself. So ‖W‖ ≤ 1 for every V and
        every number of iterations; more of them bring the singular values nearer to 1. Filters as for
        `orthogonal`.
      - Cost: about 12·M²·D operations an iteration and step for M rows of D elements, M ≤ D.
      - Reference: Björck, Bowie 1971; Anil, Lucas, Grosse 2019.
      """#,
    #"CIFAR100Format"#: #"""
      The binary version of CIFAR-100, plain or gzip.

      `train` and `test` name a file, or a folder with `train.bin` and `test.bin`. A record is the coarse
      label, 0 to 19, the fine label, 0 to 99, and an image as in CIFAR-10. A file may have any number of
      records. The network's input is [3, 32, 32] or [3072].
      Cost: one pass over the file for the labels; images are read when they are used.
      Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
      """#,
    #"CIFAR10Format"#: #"""
      The binary version of CIFAR-10, plain or gzip.

      `train` names a folder with `data_batch_1.bin` to `data_batch_5.bin`, or one of them, whose folder
      then holds the others; `test` a file, or a folder with `test_batch.bin`. A record is the label, 0 to
      9, and the red, green and blue values of a 32 × 32 image row by row. A file may have any number of
      records. The network's input is [3, 32, 32] or [3072].
      Cost: one pass over the files for the labels; images are read when they are used.
      Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
      """#,
    #"CPLLayer"#: #"""
      A convex potential layer: y = x − 2·Mᵀσ(M x + b), σ the rectifier, M a free matrix or convolution divided by a
      bound on its norm.

      A residual block that is 1-Lipschitz for every weight: a step of gradient descent for a convex function whose
      gradient is Mᵀσ(M x + b).

      With `kernel` M is the convolution of an image with h filters, one window for each pixel and zeros around the image,
      and Mᵀ its adjoint.

      - Shapes: [D], kept; `weight` [h, D] is M, `bias` [h]. With `kernel` [C, H, W], kept; `weight` [h, C, kh, kw].
      - Bound: max(1, 2‖M‖² − 1). The derivative I − 2·MᵀSM, S diagonal between 0 and 1, is symmetric with
        eigenvalues between 1 − 2‖M‖² and 1. In training M is formed as by `spectral`, so that ‖M‖ ≤ 1 and the
        constant is 1 before any weight exists. `weight` in a file is M.
      - Cost: 4·h·D operations per sample, or 4·h·C·kh·kw for each pixel, beside those of `spectral` a step.
      - Reference: Meunier, Delattre, Araujo, Allauzen 2022.
      """#,
    #"CRMLoss"#: #"""
      Certified radius maximization: cross-entropy, and a term that pushes the certified radii of correctly
      classified samples up to c.

      With r_i = (F_t − F_i)/K_ti, where K_ti bounds the constant of F_i − F_t (`variant` as in `lmt`), a sample
      with 0 < min r_i < c adds w/α · log Σ exp(−α·r_i) over i ≠ t to the mean: −w times a smooth minimum of its
      radii. α sets how close that is to the minimum, and w its weight beside cross-entropy. Gradients flow
      through logits and bounds.

      - Reference: Fazlyab, Entesari, Roy, Chellappa 2023, section 2.
      """#,
    #"CSVFormat"#: #"""
      A table of numbers, one sample per row: its values in row-major order and its label.

      `train` and `test` name a file, or a folder with `train.csv` and `test.csv`, plain or gzip.
      Rows end in a line feed, with or without a carriage return before it; fields may be in double
      quotes. Each row must have the values of the network's input and one label: an integer from 0, or
      one of the names of the classes, which are numbered in the order of the spec.
      Cost: one pass; at most 4 bytes of memory, before growth, for each 2 of the file.
      """#,
    #"CarliniWagnerAttack"#: #"""
      Carlini and Wagner's attack in ℓ2: the smallest sum of a perturbation's square and a penalty for not being
      adversarial, with the penalty's weight found by bisection.

      Minimizes ‖δ‖² + c·max(F_t − max F_i + κ, 0) over δ, i ≠ t, by Adam on the input itself, projected into the
      box after each step, at a learning rate that falls to 0 over a round. After a round that found an
      adversarial example c is halved towards the largest c that found none; after one that did not it is raised
      towards the smallest that did, or tenfold. (The paper reaches the box by a tangent instead, which stalls
      for elements at its boundary.)

      Cost: `rounds`·`steps` gradients.

      - Reference: Carlini, Wagner 2017, section VI.
      """#,
    #"CayleyParametrization"#: #"""
      An orthogonal square matrix by Cayley's transform.

      W = (I − A)(I + A)⁻¹ with A = V − Vᵀ for a free V. It is computed as (C⁻¹M)ᵀ(C⁻¹Mᵀ) with M = I + A and
      C Cᵀ = MᵀM = I + AᵀA, which a skew-symmetric A makes the same as MMᵀ. For filters of overlapping windows
      W is divided by the root of the number of windows that read one element.

      - Bound: A is skew-symmetric, so W is orthogonal: ‖W‖ = 1 for every V. Filters as for `orthogonal`.
      - Cost: about 25·N³ operations a step for N rows.
      - Reference: Cayley 1846; Trockman, Kolter 2021.
      """#,
    #"CenterLayer"#: #"""
      A sample minus its mean: over all elements, over the channels at each position, or over the positions
      of each channel.

      - Shapes: any, kept; channels are the first axis of a sample.
      - Bound: constant 1, reached by samples of mean 0: an orthogonal projection. Over a single element
        the constant is 0.
      - Cost: two passes over the elements.
      - Reference: immediate.
      """#,
    #"CholeskyMethod"#: #"""
      The norm from the largest eigenvalue of the smaller Gram matrix, certified by a Cholesky
      factorization that runs to completion; see `PositiveDefiniteness`.

      A Lanczos estimate is enlarged by a relative 10⁻¹⁰. After each factorization that fails, the increment
      is multiplied by eight. For a convolution the Gram matrix in the order (h, w, channel) is banded, so a
      factorization takes n·b² operations instead of n³/3. Tight to about 10⁻⁹.
      """#,
    #"ClosedFormMethod"#: #"""
      Exact norms of matrices whose rows, or whose columns, have disjoint supports: a single row or
      column, a diagonal or permutation matrix, an average over windows that do not overlap.

      Rows with disjoint supports are orthogonal, so A Aᵀ is diagonal and ‖A‖ is the largest row norm.
      Exact up to rounding; takes one pass over the elements.
      """#,
    #"Composition.eclipse"#: #"""
      A chain of dense layers by quadratic constraints (ECLipsE-Fast).
      """#,
    #"Composition.liplt"#: #"""
      Activations split into a linear part and a remainder (LipLT).
      """#,
    #"Composition.multipliers"#: #"""
      A part of the network by quadratic constraints with a multiplier for each neuron (LipSDP).
      """#,
    #"Composition.product"#: #"""
      The constant of each layer times the bound of its operand. Additions add the bounds of their
      operands, and concatenations take the root of the sum of their squares.
      """#,
    #"Composition.regions"#: #"""
      Each maximal region of linear layers as one operator.
      """#,
    #"ConcatLayer"#: #"""
      Two or more inputs side by side along one axis.

      - Shapes: equal except along the axis, where the extents add up; axis 0 is the channels.
      - Bound: the root of the sum of the squares of the inputs' bounds, since ‖(y₁, y₂)‖² = ‖y₁‖² + ‖y₂‖².
      - Cost: a copy.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, appendix B.
      """#,
    #"Conv1DLayer"#: #"""
      Cross-correlation of a signal with M filters, zeros outside the signal.

      y[m, i] = b[m] + Σ w[m, c, p] · x[c′, i·s + p·d − padding], the sum over the channels c of m's group
      and the taps p.

      - Shapes: [C, T] → [M, T′] with T′ = ⌊(T + 2·padding − d·(k − 1) − 1)/s⌋ + 1, or ⌈T/s⌉ for
        `padding: same`; `weight` [M, C/groups, k], `bias` [M].
      - Bound: ‖y − y′‖₂ ≤ σ₁(A) ‖x − x′‖₂, A the zero-padded, strided operator: that of a
        two-dimensional convolution of height 1.
      - Cost: 2·M·T′·C/groups·k operations per sample.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1.
      """#,
    #"Conv2DLayer"#: #"""
      Cross-correlation of an image with M filters, zeros outside the image.

      y[m, i, j] = b[m] + Σ w[m, c, p, q] · x[c′, i·s + p·d − padding, j·s + q·d − padding], the sum over
      the channels c of m's group and the taps p, q.

      - Shapes: [C, H, W] → [M, H′, W′] with H′ = ⌊(H + 2·padding − d·(k − 1) − 1)/s⌋ + 1, or ⌈H/s⌉ for
        `padding: same`; `weight` [M, C/groups, kh, kw], `bias` [M].
      - Bound: ‖y − y′‖₂ ≤ σ₁(A) ‖x − x′‖₂, A the zero-padded, strided operator itself, not the reshaped
        kernel, whose norm may be smaller.
      - Cost: 2·M·H′·W′·C/groups·kh·kw operations per sample.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1; Delattre et al. 2023.
      """#,
    #"ConvTransposeLayer"#: #"""
      The adjoint of a strided convolution, as a layer: every element of the input adds a scaled filter to
      the output.

      y[m, i·s + p·d − padding, j·s + q·d − padding] = b[m] + Σ w[c, m′, p, q] · x[c, i, j], the sum over all
      i, j, p, q that lead to that place and the channels c of m's group.

      - Shapes: [C, H, W] → [M, H′, W′] with H′ = (H − 1)·s − 2·padding + d·(k − 1) + output_padding + 1;
        `weight` [C, M/groups, kh, kw], `bias` [M].
      - Bound: σ₁ of the operator, that of the convolution whose adjoint it is.
      - Cost: 2·C·H·W·M/groups·kh·kw operations per sample.
      - Reference: Dumoulin, Visin 2016; ‖Aᵀ‖ = ‖A‖.
      """#,
    #"CropLayer"#: #"""
      An image without its margins.

      - Shapes: [C, H, W] → [C, H − top − bottom, W − left − right], at least one element of each.
      - Bound: constant 1, reached by the elements that stay.
      - Cost: a copy.
      - Reference: immediate.
      """#,
    #"CrossEntropyLoss"#: #"""
      Softmax cross-entropy: −log softmax(F(x))_t, the mean over the batch.

      With smoothing s the target is (1 − s)·e_t + s/K.

      - Reference: Szegedy et al. 2016, section 7, for the smoothing.
      """#,
    #"DeepFoolAttack"#: #"""
      DeepFool in ℓ2: steps to the nearest of the planes where another class would equal the label if the
      network were linear.

      With f_i = F_i − F_t and w_i = ∇ₓf_i, the step is (1 + overshoot)·|f_i|/‖w_i‖² · w_i for the i of least
      |f_i|/‖w_i‖, among the `classes` largest logits other than the label's. Elements of w_i that point out of
      the box at its boundary count as 0. It stops at the first adversarial example; for a linear network
      without a box that is the nearest one, times 1 + overshoot.

      Cost: as many gradients a step as classes are considered; few samples take more than ten steps.

      - Reference: Moosavi-Dezfooli, Fawzi, Frossard 2016, algorithm 2.
      """#,
    #"DenseLayer"#: #"""
      Affine map of a vector: y = W x + b.

      - Shapes: [D] → [K]; `weight` [K, D], `bias` [K].
      - Bound: ‖y − y′‖₂ ≤ σ₁(W) ‖x − x′‖₂, exact for the operator; the bias drops out. How far the
        printed number exceeds σ₁ depends on the norm method. A parametrization bounds σ₁ for every
        weight before training.
      - Cost: 2·D·K operations per sample, K·(D + 1) parameters.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1.
      """#,
    #"DepthwiseLayer"#: #"""
      Cross-correlation of each channel of an image with m filters of its own: `conv2d` with as many groups
      as channels.

      y[c·m + k, i, j] = b[c·m + k] + Σ w[c·m + k, 0, p, q] · x[c, i·s + p·d − padding, j·s + q·d − padding].

      - Shapes: [C, H, W] → [C·m, H′, W′] with H′ as for `conv2d`; `weight` [C·m, 1, kh, kw], `bias` [C·m].
      - Bound: the norm of the zero-padded, strided operator, the largest of the channels'.
      - Cost: 2·C·m·H′·W′·kh·kw operations per sample.
      - Reference: Chollet 2017; the bound as for `conv2d`.
      """#,
    #"DropoutLayer"#: #"""
      Dropout: in training each element is set to 0 with probability r, the others are multiplied by
      1/(1 − r); in prediction the identity.

      - Shapes: any, kept.
      - Bound: constant 1, that of prediction, which certificates are about. The factor 1/(1 − r) of
        training is not counted.
      - Cost: one pass over the elements in training, none in prediction.
      - Reference: Srivastava et al. 2014.
      """#,
    #"ELULayer"#: #"""
      The exponential linear unit: f(x) = x for x > 0, α(eˣ − 1) otherwise, α ≥ 0.

      - Shapes: any, kept.
      - Bound: f′ is 1 above 0 and in (0, α] below; constant max(1, α).
      - Cost: one pass over the elements.
      - Reference: Clevert, Unterthiner, Hochreiter 2016; Tsuzuku, Sato, Sugiyama 2018, table 2.
      """#,
    #"EMMALoss"#: #"""
      Efficient margin maximization: the margin of Lipschitz-Margin Training, with a part of it chosen for
      each class.

      For label t the logit i ≠ t becomes F_i + s_i·c·K_ti, where K_ti bounds the constant of F_i − F_t: √2·L
      (`variant: global`) or L′·‖w_t − w_i‖₂ (`pairwise`), and s_i = clip((F_t − F_i)/(c·K_ti), 0.01, 1) is
      the share of the margin that the sample has toward class i, held constant. Each rival is pushed away
      from where it stands, while `lmt` gives all of them the share of the nearest one.

      - Reference: Hu, Zou, Wang, Leino, Fredrikson 2023 (LiResNet), section 4; the lower limit 0.01 is that of
        their experiments.
      """#,
    #"ElasticAugmentation"#: #"""
      A random elastic distortion: the image is moved by a field of displacements that varies smoothly over it, with
      bilinear interpolation between pixels and zeros outside.

      The displacements of k × k knots, spread evenly from corner to corner, are uniform in [−p, p] along each axis;
      those of a pixel are interpolated bilinearly between the four knots around it.

      Zeros are those of the input space, after `scale` of the data. On 800 held-out training images of MNIST-5k the
      network of `specs/mnist-orthogonal.yaml`, trained for 240 epochs with c = 1 and temperature 10, certified 0.833 at
      radius 1 with `affine` and this, 0.810 with `affine` alone.

      - Shapes: [C, H, W] with H and W at least 2.
      - Cost: six products for each element, and the displacement of each pixel.
      - Reference: Simard, Steinkraus, Platt 2003, section 2, who smooth a random field by a Gaussian instead.
      """#,
    #"FGSMAttack"#: #"""
      The fast gradient method in ℓ2: one step of the whole radius along the gradient of cross-entropy.

      x′ = x + r·g/‖g‖ with g = ∇ₓ cross-entropy(F(x), t). For a linear network and two classes no
      perturbation of length r lowers the margin more.

      Cost: one gradient for each radius.

      - Reference: Goodfellow, Shlens, Szegedy 2015, with the ℓ2 norm in place of ℓ∞.
      """#,
    #"FlattenLayer"#: #"""
      All elements of a sample as one vector, in row-major order.

      - Shapes: any → [D], D the number of elements.
      - Bound: constant 1; the elements, and so the norm, stay the same.
      - Cost: none.
      - Reference: immediate.
      """#,
    #"FourierMethod"#: #"""
      The norm of a zero-padded convolution, bounded by that of a circular one on a sufficiently large torus.

      Separated by the phases of the stride, y[p] = Σ K[k] x_r[p + a] with k·d − padding = s·a + r. The torus
      has N ≥ max(n − a_min, n′ + a_max, n, n′) positions along each axis, for n positions of a phase and n′ of
      the output. Then no tap wraps around to an element, so A = R C E: E is an isometry that pads with zeros,
      C is the circular convolution and R a restriction. Hence ‖A‖ ≤ ‖C‖, which is the maximum of ‖B(ω)‖ over
      the N² frequencies. The Gram matrices of the symbols B are sums over differences of taps, and the errors of
      the phases and of the sums are added. Conjugate frequencies have the same norm. Sedghi et al. 2019 for C; the
      embedding is proved in `docs/soundness.md`. Usually 0.5–5 % above the norm; N²/2 factorizations of order
      2·min(M, C s²).
      """#,
    #"GELULayer"#: #"""
      The Gaussian error linear unit: f(x) = x·Φ(x), Φ the normal distribution function.

      - Shapes: any, kept.
      - Bound: constant s = (1 + erf 1)/2 + 1/(e√π) = 1.128904145185154786… and slopes in [1 − s, s], both
        ends reached: f′ = Φ + xφ and f″ = (2 − x²)φ vanishes at ±√2 only, where f′ is s and 1 − s, and f′
        tends to 0 and 1. f(ax)/a has the slopes of f, so rounding 1/√2 in x·(1 + erf(x/√2))/2 leaves the
        range as it is.
      - Cost: one pass over the elements.
      - Reference: Hendrycks, Gimpel 2016.
      """#,
    #"GateLayer"#: #"""
      Multiplication by a learned factor: y = a·x.

      The factors of all gates of a group are kept a convex combination, a ≥ 0 with sum 1, by projection
      after each update.

      The key `convex: learnt` of `residual` is written out as two gates of one group and an `add`.

      - Shapes: any, kept; `weight` [1].
      - Bound: |a|, exact; gates before an addition give Σ aᵢLᵢ. The bound does not use a + a′ = 1 but the
        stored factors, which include the rounding of the projection.
      - Cost: one pass over the elements.
      - Reference: Cissé et al. 2017, section 4.3; Michelot 1986 for the projection.
      """#,
    #"GloRoLoss"#: #"""
      Globally robust training: cross-entropy with one more class, which stands for "not certified".

      With j the predicted class, the logit of the additional class is max over i ≠ j of F_i + c·K_ij, where
      K_ij bounds the constant of F_i − F_j: √2·L (`variant: global`) or L′·‖w_i − w_j‖₂ (`pairwise`). It is
      the largest logit exactly where the prediction cannot be certified at radius c, and it is never the
      target. Gradients flow through the bounds.

      Classes that share the largest logit count as predicted together, with the mean of their constants.

      - Reference: Leino, Wang, Fredrikson 2021, section 2.
      """#,
    #"GlobalAvgPoolLayer"#: #"""
      The average of each channel: [C, H, W] to a vector.

      - Shapes: [C, H, W] → [C].
      - Bound: 1/√(H·W), by the Cauchy–Schwarz inequality, reached by a constant image.
      - Cost: one pass over the elements.
      - Reference: the Cauchy–Schwarz inequality.
      """#,
    #"GramMethod"#: #"""
      Gram iteration: λ₁(G)^{2ᵗ} = λ₁(G^{2ᵗ}) ≤ ‖G^{2ᵗ}‖_F, in Double with every rounding counted.

      Delattre, Barthélemy, Araujo, Allauzen 2023; the error analysis is ours, see `docs/soundness.md`.
      Before each squaring the matrix is scaled by a power of two to a Frobenius norm near 1. The computed
      square Ŝ of Ĝ satisfies ‖Ŝ − Ĝ²‖ ≤ γₙ ‖Ĝ‖_F², hence λ₁(Ĝ) ≤ √(λ₁(Ŝ) + γₙ ‖Ĝ‖_F²). The iteration stops
      when a squaring improves the bound by less than a relative 10⁻¹⁰. Each squaring takes n³/2 multiplications. For
      rank r the bound is at most r^{2^−(t+1)} times the norm.
      """#,
    #"GroupNormLayer"#: #"""
      Group normalization: each group of neighboring channels minus its mean, divided by √(σ² + ε), with a
      factor γ and an offset β per channel.

      - Shapes: [C, …] of at least 2 elements per group, kept, C divisible by `groups`; `weight` γ and `bias` β
        [C].
      - Bound: constant max |γ|/√ε, finite only through ε, as for `layer_norm`: the groups share no element,
        so the largest of their constants is that of all.
      - Cost: a few passes over the elements.
      - Reference: Wu, He 2018.
      """#,
    #"GroupSortLayer"#: #"""
      Channels sorted in groups of k: channels i, i + C/k, …, i + (k − 1)C/k in descending order.

      With k = 2 this is `max_min`.

      - Shapes: any with a first extent C divisible by k, kept.
      - Bound: constant 1, reached by every input: almost everywhere the layer is a permutation, and it is
        continuous.
      - Cost: a comparison and two selections for each of the about k·log²k/4 comparators of Batcher's
        network and each group.
      - Reference: Anil, Lucas, Grosse 2019; Knuth, *The Art of Computer Programming* 3, 5.2.2, algorithm M.
      """#,
    #"HKRLoss"#: #"""
      Hinge–Kantorovich–Rubinstein: each logit separates its class from the others by as much as a function of
      constant 1 can, and by a margin.

      With f = F/L, a function of constant at most 1, and y_nk = 1 where n has label k and −1 elsewhere, it is
      α·H − (1 − α)·D. D is the mean over classes of (mean of f_k over samples of class k) − (mean of f_k over
      the others): over all data, at most the Wasserstein distance between the two. H is the mean over samples
      of Σ_k v_nk·max(0, m/2 − y_nk·f_k), with v_nk = 1 at the label and 1/(K − 1) elsewhere. A class without
      samples in the batch counts as if its mean were 0.

      It fits networks whose constant is bounded by their layers. Logits are compared with ±m/2, so the
      certified radius of a sample that meets the margin is m/√2 or more.

      - Reference: Serrurier, Mamalet, González-Sanz, Boissin, Loubes, del Barrio 2021; one class against the
        rest as in their section 4.
      """#,
    #"HardSigmoidLayer"#: #"""
      A line clipped to [0, 1]: f(x) = min(max(x/6 + 1/2, 0), 1).

      1/6 is rounded to float32; the bound holds for the rounded number.

      - Shapes: any, kept.
      - Bound: slopes 0 and 1/6, both reached; constant 1/6.
      - Cost: one pass over the elements.
      - Reference: Courbariaux, Bengio, David 2015; Howard et al. 2019 for the slope 1/6.
      """#,
    #"HardTanhLayer"#: #"""
      Clipping: f(x) = min(max(x, lowest), highest).

      - Shapes: any, kept.
      - Bound: slopes 0 and 1, both reached; constant 1. The layer is a projection onto a convex set.
      - Cost: one pass over the elements.
      - Reference: Collobert 2004.
      """#,
    #"HorizontalFlipAugmentation"#: #"""
      A horizontal flip: with probability p each row of the image is reversed.

      - Shapes: [C, H, W].
      - Cost: one pass over the sample.
      - Reference: Krizhevsky, Sutskever, Hinton 2012, section 4.1.
      """#,
    #"IDXFormat"#: #"""
      Images and labels in two IDX files of unsigned bytes under MNIST's names, plain or gzip.

      `train` and `test` name a folder with `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or
      `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte` (a point instead of the second hyphen and
      an ending `.gz` are accepted); or one of these files, whose folder then holds the other.
      Images [N, …] fit a network whose input has the same extents, apart from extents of 1, or is one
      axis of as many values.
      Cost: the labels are read; images are read when they are used.
      Reference: Y. LeCun, C. Cortes, C. Burges, the MNIST database.
      """#,
    #"IdentityLayer"#: #"""
      The identity: f(x) = x.

      - Shapes: any, kept.
      - Bound: constant 1.
      - Cost: none.
      - Reference: immediate.
      """#,
    #"ImagesFormat"#: #"""
      PNG images in a folder with one sub-folder per class.

      `train` and `test` name such folders. The sorted names of the sub-folders are the classes from 0;
      there must be as many as classes, and the same in both. Every file in them is an image, except those
      whose names start with a point. Images must have the size of the network's input; values are 0 to 255
      as stored. Gray images also fit an input of three colors.
      Samples are ordered by class, then by name.
      Cost: one pass; one byte per value.
      """#,
    #"InstanceNormLayer"#: #"""
      Instance normalization: subtracts the mean of each channel of a sample and divides by √(σ² + ε); with
      `affine`, multiplies by a factor γ and adds an offset β per channel.

      - Shapes: [C, …] with at least 2 elements per channel, kept; `weight` γ and `bias` β [C].
      - Bound: constant 1/√ε or max |γ|/√ε, finite only because of ε, as for `layer_norm`; reached at a
        constant channel.
      - Cost: a few passes over the elements.
      - Reference: Ulyanov, Vedaldi, Lempitsky 2016.
      """#,
    #"LMTLoss"#: #"""
      Lipschitz-Margin Training: cross-entropy of logits to which the margin required at each sample is added.

      For label t the logit i ≠ t becomes F_i + α·a_i, with a_i = √2·c·L (`variant: global`, proposition 1)
      or a_i = c·L′·‖w_t − w_i‖₂ (`variant: pairwise`, proposition 2). L bounds the network, and L′ the part
      before the head, whose rows are w. Gradients flow through L, L′ and the rows. c is a radius in input
      units.

      With `alpha` the addition is multiplied by α = min over i ≠ t of clip((F_t − F_i)/a_i, 0, 1), held
      constant: a misclassified sample is trained with plain cross-entropy, a barely correct one with part
      of the margin.

      With a `temperature` T, logits and margins are divided by L and multiplied by T: the scale of the
      weights no longer matters, and T alone says how sharply a missing margin is punished. A large T
      suits a small c.

      With `smoothing` s the target is (1 − s)·e_t + s/K.

      A network that does not end in a dense layer has no rows; `pairwise` is then `global`.

      - Reference: Tsuzuku, Sato, Sugiyama 2018, algorithm 1, propositions 1 and 2, appendix E.
      """#,
    #"LPPoolLayer"#: #"""
      The norm of each window of a channel: Σ|x| or √Σx² over the window; padding counts as zeros.

      With p = 2 the sum of squares is raised to at least 2⁻¹⁰⁰, so that the root has a derivative
      everywhere: windows whose norm is below 2⁻⁵⁰ give 2⁻⁵⁰.

      - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
        `padding: same`.
      - Bound: for p = 2 the constant √n, where n is the largest number of windows that contain one element.
        A norm is 1-Lipschitz, and so is the maximum of it and a number; the change of an element enters the
        squared norm at most n times. An element that is alone in all its windows reaches the bound. For
        p = 1 the norm of the operator S that sums over windows: |f(x) − f(y)| ≤ S|x − y| elementwise, with
        equality between non-negative images x ≥ y.
      - Cost: one pass over the windows.
      - Reference: Gulcehre et al. 2014 (learned p); the bounds as above.
      """#,
    #"LayerNormLayer"#: #"""
      Layer normalization: subtracts the mean of the sample and divides by √(σ² + ε), with a factor γ and an
      offset β for every element.

      - Shapes: any with at least 2 elements, kept; `weight` γ and `bias` β have the shape of the sample.
      - Bound: constant max |γ|/√ε; without γ it is 1/√ε, the smallest possible. It is finite only because of
        ε: nearly constant samples are stretched by 1/√ε. With the usual 1e-5 this is 316, and certified radii
        are divided by it. Proof: with s = √(‖Px‖²/M + ε), where P subtracts the mean, the derivative of Px/s
        has the norm 1/s or ε/s³.
      - Cost: a few passes over the elements.
      - Reference: Ba, Kiros, Hinton 2016.
      """#,
    #"LeakyReLULayer"#: #"""
      The identity above 0 and a line of slope a below: f(x) = x for x > 0, a·x otherwise.

      - Shapes: any, kept.
      - Bound: slopes between a and 1, both reached; constant max(1, |a|).
      - Cost: one pass over the elements.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
      """#,
    #"MaxMinLayer"#: #"""
      Channels sorted in pairs: of channels i and i + C/2 the larger goes to i, the smaller to i + C/2;
      `group_sort` with groups of 2.

      - Shapes: any with an even first extent C, kept.
      - Bound: constant 1, reached by every input: almost everywhere the layer is a permutation, so
        gradients keep their norm, unlike ReLU's.
      - Cost: one pass over the elements.
      - Reference: Anil, Lucas, Grosse 2019 (GroupSort with groups of 2).
      """#,
    #"MaxPoolLayer"#: #"""
      The maximum over each window of a channel; padding is never the maximum.

      - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
        `padding: same`.
      - Bound: constant √n, where n is the largest number of windows that contain one element, counted for
        the given kernel, stride, padding and input size; 1 where windows do not overlap. Each output is
        1-Lipschitz in its window, and the change of an element enters the squared norm at most n times. An
        element that is the maximum of all its windows reaches the bound.
      - Cost: one pass over the windows.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 3.
      """#,
    #"MaxoutLayer"#: #"""
      The largest of k channels: output channel i is the maximum of channels i, i + C/k, …, i + (k − 1)C/k.

      After a dense layer or convolution with k times as many units this is a maxout unit, whose k affine
      pieces are the units of that layer.

      - Shapes: [C, …] → [C/k, …], C divisible by k.
      - Bound: constant 1, reached: a maximum is 1-Lipschitz in its arguments, and the groups share no
        channel, so the squares of the differences add up to at most those of the input.
      - Cost: one pass over the elements.
      - Reference: Goodfellow et al. 2013.
      """#,
    #"MishLayer"#: #"""
      Mish: f(x) = x·tanh(log(1 + eˣ)).

      - Shapes: any, kept.
      - Bound: constant 1.088498161251727861… and slopes from −0.112526122389462556…, both ends reached.
        With u = eˣ and D = u² + 2u + 2, f = x·(1 − 2/D) and f″ has the sign of
        2(u + 1)D + x·q, q = 2 + 2u − 3u² − 2u³. It is zero where x = p(u) = −2(u + 1)D/q, and p′ has the
        sign of −3u⁴ − 20u³ − 36u² − 24u − 4 < 0. q has one positive zero u₀ < 1. Below u₀, p falls from −2 to
        −∞ while x rises from −∞; above u₀, p falls from ∞ to 1 while x rises to ∞: they meet once on each
        side, at x = −2.25637… and x = 1.49057…, where f′ has the values above; f′ tends to 0 and 1.
      - Cost: one pass over the elements.
      - Reference: Misra 2020.
      """#,
    #"ModelBounds"#: #"""
      The symbolic Lipschitz bounds of a network and its parts, composed along its graph.

      The rules, with proofs in `docs/soundness.md`: The map from the input to itself has constant 1. A layer
      with constant K multiplies the bound by K. An addition adds the bounds of its operands, and a
      concatenation takes the root of the sum of their squares. A node that is used several times is
      bounded once.

      The common part of all paths to a node is factored out: if all paths from the input to v pass through
      its immediate dominator d, then the bound is L(d) times the bound from d to v. So a residual chain
      gives Π(1 + …), not an expression of exponential size.
      """#,
    #"MultiplierBound"#: #"""
      The constants of a `NeuronForm` that given multipliers prove.

      Suppose λ ≥ 0 and that

          ⎡ I       −WₛᵀΛ             Cₛᵀ ⎤
          ⎢ −ΛWₛ    2Λ − ΛWᵤ − WᵤᵀΛ   Cᵤᵀ ⎥ ⪰ 0
          ⎣ Cₛ      Cᵤ                A   ⎦

      where Δz = WₛΔs + WᵤΔu and Δy = CₛΔs + CᵤΔu. At (Δs, Δu, −tx) the form gives
      ‖Δs‖² + 2ΔuᵀΛ(Δu − Δz) − 2t xᵀΔy + t²xᵀAx ≥ 0, and its second term is at most 0, so (xᵀΔy)² ≤ xᵀAx·‖Δs‖² for
      every x. `BorderedForm` eliminates Δs, and a Cholesky factorization shows that the rest is positive
      semidefinite (`PositiveDefiniteness`). Proofs in `docs/soundness.md`. Cost: about (n + outputs)³ operations.
      """#,
    #"NPZFormat"#: #"""
      Images and labels as arrays of NumPy in one npz file.

      `train` and `test` name a file, or a folder with `train.npz` and `test.npz`; both may name the same
      file. Images are [N, …] and labels [N] or [N, 1], of little-endian integers or floats, in C order.
      With `layout: nhwc` the last axis of images of three axes is the channels, and of images of two where the
      network's input has two; images without such an axis are as they are.
      Where `images` or `labels` is `auto`, the file must hold one array of a usual name: `x_train`,
      `train_images`, `images`, `image`, `data`, `x` or `X`; `y_train`, `train_labels`, `labels`, `label` or
      `y`; for the test data with `test` in place of `train`.
      Cost: one pass over the images to verify their checksum, another where they are floats.
      """#,
    #"NormalizeLayer"#: #"""
      Standardization with fixed statistics: y = (x − mean)/std, with one value for all channels or one per
      channel.

      As a layer it is part of the bound, so that radii stay in the units of the data. The quotient is
      computed as a product with 1/std rounded to float32.

      - Shapes: any, kept; channels are the first axis of a sample.
      - Bound: constant max 1/std, exact: the norm of a diagonal matrix; the mean has no effect.
      - Cost: one pass over the elements.
      - Reference: immediate.
      """#,
    #"OffsetLoss"#: #"""
      Offset cross-entropy: cross-entropy of T·(F − √2·c·e_t), divided by T.

      The margin √2·c is what a network of constant 1 needs for radius c, and no bound enters: it is for
      networks whose constant is at most 1 by their layers. The temperature T says how sharply a missing margin
      is punished; the division keeps gradients at one scale.

      - Reference: Prach, Lampert 2022, section 4, who write 1/T for T.
      """#,
    #"OrthogonalParametrization"#: #"""
      Orthonormal rows, or columns if there are fewer, by a Cholesky factorization.

      W = C⁻¹V for a free V with no more rows than columns, C Cᵀ = VVᵀ + εI, and the transposed for one with
      more. For filters of overlapping windows W is divided by the root of the number of windows that read
      one element.

      - Bound: W Wᵀ = C⁻¹ VVᵀ C⁻ᵀ ≼ C⁻¹(VVᵀ + εI)C⁻ᵀ = I, so ‖W‖ ≤ 1 for every V, with all singular values 1
        up to ε, which is 10⁻⁵ times the mean of V's squared row norms. A convolution A whose elements are
        read by at most n windows has ‖Ax‖² = Σ ‖W·patch‖² ≤ ‖W‖² n‖x‖². With disjoint windows (`kernel` no
        larger than `stride`) nothing is lost; with n > 1 the convolution is 1-Lipschitz, not orthogonal.
      - Cost: about 6·M²·D operations a step for M rows of D elements, M ≤ D, beside 8·M·D a sample, 2·M·D of them
        because of the factorization. With 256 units, 256 inputs and batches of 100 these are four times the
        operations of a free layer, and take about four times as long on one thread.
      - Reference: Hu et al. 2023, "A recipe for improved certifiable robustness" (Cholesky
        orthogonalization); Li et al. 2019 (reshaped kernels).
      """#,
    #"PGDAttack"#: #"""
      Projected gradient descent in ℓ2: steps of fixed length along the gradient of a loss, each projected
      back into the ball and then into the box.

      x ← P(x + s·r·g/‖g‖) with g = ∇ₓ loss(F(x), t), r the radius and s the step size. The loss is the
      negative margin, max F_i over i ≠ t less F_t, or cross-entropy. The first round begins at the sample,
      each of the `restarts` at a random point of the ball's surface.

      Cost: (1 + `restarts`)·`steps` gradients for each radius; samples found at a smaller radius are
      left out.

      - Reference: Madry, Makelov, Schmidt, Tsipras, Vladu 2018.
      """#,
    #"PReLULayer"#: #"""
      The identity above 0 and a line of trained slope a below: f(x) = x for x > 0, a·x otherwise.

      - Shapes: any, kept; `weight` [C] with one slope per channel, the first axis of a sample, or [1].
      - Bound: slopes between a and 1, both reached; constant max(1, max |a|), the norm of the diagonal
        matrix of 1 and the slopes, which follows the slopes in training.
      - Cost: one pass over the elements.
      - Reference: He et al. 2015.
      """#,
    #"PairwiseHead"#: #"""
      The Lipschitz constants of the differences of two logits.

      If the network ends in a dense layer, F = W g + b with an L-Lipschitz g, then
      |(F_i − F_j)(x) − (F_i − F_j)(x′)| ≤ ‖w_i − w_j‖ L ‖x − x′‖ (Tsuzuku et al. 2018, Prop. 2). The
      difference is also √2·L_F-Lipschitz, and a composition may bound it as well. The smallest of these is
      kept, so a pairwise radius is never below the global one.
      """#,
    #"ParsevalRegularizer"#: #"""
      Parseval networks' retraction: after each update W ← (1 + β)W − β·W Wᵀ W, over dense layers and
      convolutions.

      It is a step along the gradient of (β/4)·‖WᵀW − I‖_F². Every singular value s becomes
      (1 + β)s − βs³, whose fixed point above 0 is 1, reached from anywhere in (0, √((1 + β)/β)). A filter
      [M, C/groups, kh, kw] is taken as the matrix [M, C/groups·kh·kw] of each group.

      Then a dense layer has norm 1 and a convolution of stride 1 at most √(kh·kw), which Parseval networks
      divide its output by: put the layer `scale: 1/3` after a 3×3 convolution. It counts in the bound like
      any other layer. Sums with weights that add up to 1, the second half of the method, are the key
      `convex` of `residual`.

      - Cost: 4·M·M·D operations a step for a weight of M rows of D elements.
      - Reference: Cissé, Bojanowski, Grave, Dauphin, Usunier 2017, section 4.
      """#,
    #"PathExpansion"#: #"""
      A node of a network written as a sum over earlier nodes, by following linear paths backward:
      v = Σ A_q q + Σ A_a ψ_a(z_a) + const, hence L(v) ≤ Σ ‖A_q‖ L(q) + Σ ρ_a ‖A_a‖ L(z_a).

      Position 0 is the input, then follow the nodes in order. The frontier holds the q. A linear node is
      replaced by its operand, an addition by its operands, and a concatenation by its operands, each padded
      with zeros. An activation a is replaced by its linear part (`ActivationSplit`), which adds a remainder
      ψ_a. The sum is valid after each replacement (Fazlyab et al. 2023 for chains; for graphs
      `docs/soundness.md`).
      """#,
    #"PixelShuffleLayer"#: #"""
      Rearranges channels into pixels: y[c, r·h + i, r·w + j] = x[c·r² + i·r + j, h, w].

      - Shapes: [C, H, W] → [C/r², r·H, r·W], C divisible by r².
      - Bound: constant 1, reached by every image: a permutation.
      - Cost: a copy.
      - Reference: Shi et al. 2016.
      """#,
    #"PixelUnshuffleLayer"#: #"""
      Rearranges pixels into channels: y[c·r² + i·r + j, h, w] = x[c, r·h + i, r·w + j]; the inverse of
      `pixel_shuffle`.

      Unlike a stride it loses nothing.

      - Shapes: [C, H, W] → [C·r², H/r, W/r], H and W divisible by r.
      - Bound: constant 1, reached by every image: a permutation.
      - Cost: a copy.
      - Reference: Shi et al. 2016.
      """#,
    #"QuadraticChain"#: #"""
      The Lipschitz constant of a chain of dense layers with monotone activations between them, by quadratic
      constraints (ECLipsE-Fast, Xu and Sivaranjani 2024), with a certificate for every layer.

      Let Δs be the difference of two arguments of the chain and Δu that of the outputs of an activation. The
      invariant is ‖Δs‖² ≥ q·Δuᵀ X Δu; it holds at first with u = s, X = I and q = 1. For a layer z = W u, a
      matrix A with [[X, Wᵀ], [W, A]] ⪰ 0 gives Δuᵀ X Δu ≥ 2yᵀΔz − yᵀA y for every y. After an activation
      with slopes in [0, β], y = τΔũ with Δũ = Δu/β gives Δũᵀ(2τI − τ²A)Δũ; τ is about 1/λ₁(A). At the end
      ‖Δz‖² ≤ λ₁(A)/q·‖Δs‖², and (Δzᵢ − Δzⱼ)² ≤ (aᵢᵢ + aⱼⱼ − 2aᵢⱼ)/q·‖Δs‖². The bordered matrix is certified
      by a Cholesky factorization (`PositiveDefiniteness`); proofs in `docs/soundness.md`. Cost: about
      (m + n)³ operations for each layer.
      """#,
    #"RandomCropAugmentation"#: #"""
      A random crop: the image is padded with p zeros on every side and cropped to its size at a random
      position; all (2p + 1)² positions are equally likely.

      Zeros are those of the input space, after `scale`.

      - Shapes: [C, H, W] with H and W above p.
      - Cost: one pass over the sample.
      - Reference: He, Zhang, Ren, Sun 2016, section 4.2.
      """#,
    #"ReLULayer"#: #"""
      The positive part: f(x) = max(x, 0).

      - Shapes: any, kept.
      - Bound: slopes in [0, 1], both reached; constant 1.
      - Cost: one pass over the elements.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
      """#,
    #"ReshapeLayer"#: #"""
      The same elements of a sample, in row-major order, in another shape.

      - Shapes: any → `shape`, with as many elements.
      - Bound: constant 1: the elements and so the norm do not change.
      - Cost: none.
      - Reference: immediate.
      """#,
    #"SELULayer"#: #"""
      The scaled exponential linear unit: f(x) = λx for x > 0, λα(eˣ − 1) otherwise.

      λ = 1.05070098735548… and α = 1.67326324235437…, for which mean 0 and variance 1 are a fixed point.
      The stored network and the bound use λ and λα rounded to float32.

      - Shapes: any, kept.
      - Bound: f′ is λ above 0 and in (0, λα] below; constant λα = 1.75809934…, approached from below 0.
      - Cost: one pass over the elements.
      - Reference: Klambauer et al. 2017.
      """#,
    #"SGDOptimizer"#: #"""
      Gradient descent on batches, with momentum: v ← μv + g, p ← p − lr·v.

      With `nesterov` the step is lr·(g + μv) with the new v. Weight decay adds λp to g, for weights only.

      - Reference: Sutskever, Martens, Dahl, Hinton 2013, section 2.
      """#,
    #"SLLLayer"#: #"""
      An SDP-based Lipschitz layer: y = x − 2·V·T⁻¹σ(Vᵀx + b), σ the rectifier, T a diagonal matrix with VᵀV ≼ T.

      With M = T^−½Vᵀ this is the function of `cpl` for another matrix M, and so what is stored. T bounds each unit by
      what it overlaps with the others instead of all by one norm. With `kernel` M is the convolution of an image with h
      filters, one window for each pixel and zeros around the image, Mᵀ its adjoint, and T has one number for each filter.

      - Shapes: [D], kept; `weight` [h, D] is M, `bias` [h]. With `kernel` [C, H, W], kept; `weight` [h, C, kh, kw].
      - Bound: max(1, 2‖M‖² − 1), as for `cpl`. In training M is formed as by the parametrization `sll`, so that
        ‖M‖ ≤ 1 and the constant is 1 before any weight exists.
      - Cost: 4·h·D operations per sample, or 4·h·C·kh·kw for each pixel, beside those of the parametrization a step.
      - Reference: Araujo, Havens, Delattre, Allauzen, Hu 2023, theorem 2.
      """#,
    #"SLLParametrization"#: #"""
      Rows scaled by what they overlap with the others, with learned weights of the overlaps.

      W = T^−½V for a free V [M, D], T the diagonal matrix of Σⱼ |(VVᵀ)ᵢⱼ|·qⱼ/qᵢ with q = eᵖ for a free vector p; with
      q = 1 this is `aol`. The free tensor is V with the column p. For filters VVᵀ is the operator of all correlations of
      two filters that the stride can reach, and q has a number for each filter.

      - Bound: with Q = diag(q), Q(T − VVᵀ)Q is symmetric and diagonally dominant, as the diagonal of QTQ holds
        Σⱼ qᵢ|(VVᵀ)ᵢⱼ|qⱼ. So VVᵀ ≼ T and WWᵀ ≼ I: ‖W‖ ≤ 1 for every V and q. For filters as for `aol`: this holds
        for the convolution of the whole plane, of which zeros around the image and its border only leave rows and
        columns out.
      - Cost: 2·M²·D operations for M rows of D elements; for filters times the number of distances at which two of them
        overlap; three times that with derivatives.
      - Reference: Araujo, Havens, Delattre, Allauzen, Hu 2023, theorem 3.
      """#,
    #"SVHNFormat"#: #"""
      The cropped digits of SVHN in MATLAB 5 files, plain or compressed.

      `train` and `test` name a file, or a folder with `train_32x32.mat` and `test_32x32.mat`; with
      `extra` the samples of `extra_32x32.mat` in the same folder follow those of `train`. A file holds
      `X`, unsigned bytes [height, width, colors, N], and `y`, N labels from 1 to 10, of which 10 is the
      digit 0.
      Cost: one pass to decompress; images are then read when they are used.
      Reference: Y. Netzer and others, Reading digits in natural images with unsupervised feature
      learning, 2011.
      """#,
    #"ScaleLayer"#: #"""
      Multiplication by fixed factors: y = a ⊙ x, with one factor for all channels or one per channel.

      - Shapes: any, kept; channels are the first axis of a sample.
      - Bound: constant max |a|, exact: the norm of a diagonal matrix. The factors are those of the spec
        rounded to float32.
      - Cost: one pass over the elements.
      - Reference: immediate.
      """#,
    #"SchurMethod"#: #"""
      √(‖A‖₁ ‖A‖∞), or the Frobenius norm if it is smaller: one pass over the weights, up to √n too large.

      ‖A‖₂² ≤ ‖A‖₁ ‖A‖∞ (Schur; Horn, Johnson, Matrix Analysis, §5.6). Used for operators that are too large
      for the other methods.
      """#,
    #"ShiftLayer"#: #"""
      A circular shift of an image's channels, some in each direction; what leaves on one side enters on the other.

      k channels move down by d pixels, the next k up, the next k to the right, the next k to the left; the others stay.
      A vector moves as a whole: y[i] = x[(i − d) mod D]. Between layers that mix the channels of each pixel, shifts
      take the place of filters.

      - Shapes: [C, H, W] with C ≥ 4k, or [D]; kept.
      - Bound: constant 1, reached by every input: a permutation.
      - Cost: a copy.
      - Reference: Hu, Hu, Fredrikson 2026 (LipNeXt); Wu et al. 2018.
      """#,
    #"SiLULayer"#: #"""
      The sigmoid linear unit: f(x) = x/(1 + e⁻ˣ).

      - Shapes: any, kept.
      - Bound: constant s = 1/2 + x₀/4 = 1.099839320128866917…, with x₀ = 2.39935728… the positive root of
        x·tanh(x/2) = 2, and slopes in [1 − s, s], both ends reached. With t = tanh(x/2),
        f′ = (1 + t)/2 + x(1 − t²)/4 and f″ = (1 − t²)(2 − xt)/4, which is zero where xt = 2, at ±x₀ only
        (xt is even and grows with |x|); there f′ = 1/2 + 1/(2t) = 1/2 ± x₀/4.
      - Cost: one pass over the elements.
      - Reference: Elfwing, Uchibe, Doya 2018; also called swish.
      """#,
    #"SigmoidLayer"#: #"""
      The logistic function: f(x) = 1/(1 + e⁻ˣ).

      - Shapes: any, kept.
      - Bound: f′ = f·(1 − f) in (0, 1/4], reached at 0; constant 1/4.
      - Cost: one pass over the elements.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
      """#,
    #"SoftmaxLayer"#: #"""
      Softmax over the channels: p_c = e^{x_c}/Σ_k e^{x_k}, separately for every position of an image.

      - Shapes: any with at least one axis, kept; channels are the first axis of a sample.
      - Bound: constant 1/2, reached where two channels share all of p. The derivative in direction v is
        diag(p)v − p⟨p, v⟩, symmetric in the two directions, and ⟨v, diag(p)v − p⟨p, v⟩⟩ is the variance of
        v under p, at most (max v − min v)²/4 (Popoviciu) ≤ ‖v‖²/2. A single channel is mapped to 1 and has
        the constant 0.
      - Cost: a few passes over the elements.
      - Reference: Gao, Pavel 2017 (constant 1); the sharper 1/2 as above.
      """#,
    #"SoftplusLayer"#: #"""
      A smooth positive part: f(x) = log(1 + eˣ), computed as max(x, 0) + log1p(e^−|x|).

      - Shapes: any, kept.
      - Bound: f′ is the logistic function, in (0, 1); constant 1, approached for large x.
      - Cost: one pass over the elements.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
      """#,
    #"SpectralNormRegularizer"#: #"""
      Spectral-norm regularization: (λ/2)·Σ σ(W)² is added to the loss, over dense layers and convolutions.

      σ is the norm of a layer's operator, for a convolution that of the map between images and not of the
      reshaped filter. It is the estimate of the power iteration that every step runs anyway, with the
      singular vectors u, v held constant, so that the gradient is λ·σ·u vᵀ.

      - Cost: none beside the power iteration of every step.
      - Reference: Yoshida, Miyato 2017, equation 4.
      """#,
    #"SpectralParametrization"#: #"""
      A free V divided by a bound on its norm.

      G₀ = VVᵀ, G ← G², `iterations` times (each divided by its Frobenius norm, which is multiplied in again):
      the bound is ‖G‖_F^(1/2ⁿ⁺¹) after n squarings. For filters G is the operator of correlations and the bound
      takes the largest sum of the magnitudes of a row in place of ‖G‖_F.

      - Bound: ‖V‖^(2ⁿ⁺¹) = ‖G‖ ≤ ‖G‖_F, and ‖G‖ is at most the largest row sum of a symmetric operator, so
        ‖W‖ ≤ 1 for every V. For filters as for `aol`: zeros around the image and its border only leave rows and
        columns out. The bound is at most rank^(1/2ⁿ⁺²) times the norm of a matrix.
      - Cost: 2·M²·D + 2·M³·n operations for M rows of D elements, M ≤ D; more for filters, whose correlations
        reach twice as far after each squaring; three times that with derivatives.
      - Reference: Delattre et al. 2023 (Gram iteration); Miyato et al. 2018.
      """#,
    #"StandardizeLayer"#: #"""
      The input with mean 0 and variance 1 in each channel of the training data: y = (x − μ)/σ.

      μ and σ are those of the training samples in input units, without augmentation, taken once before
      training and stored with the weights. A channel that is constant in the training data only has its
      mean subtracted. As a layer it is part of the bound, so that radii stay in the units of the data.

      - Shapes: any with at least one axis, kept; channels are the first axis of a sample, so each feature
        of a vector is one; `mean` μ and `factor` 1/σ, rounded to float32, [C]. The layer reads the
        network's input.
      - Bound: constant max 1/σ, exact: the norm of a diagonal matrix; the mean has no effect.
      - Cost: one pass over the elements, and two over the training data before training.
      - Reference: immediate.
      """#,
    #"StiefelParametrization"#: #"""
      Orthonormal rows, or columns if there are fewer, trained on the manifold of them: half the work of `orthogonal`.

      Training moves W itself, along gradients projected onto the tangent space, ∇ − W∇ᵀW for the gradient ∇ of a W
      with no more rows than columns. After `every` steps W ← 1.5·U − 0.5·UUᵀU with U = W·(M/‖W‖²_F)^½ for M rows, one
      step of Newton and Schulz toward the nearest orthonormal rows. The weight that is validated and stored is
      `orthogonal`'s for W. For filters of overlapping windows it is divided by the root of the number of windows that
      read one element.

      Between retractions steps leave the manifold by what an optimizer's scaling of elements and the curvature make
      of them, so that the constant in training is only about 1: the larger the learning rate, the smaller `every`.

      - Bound: that of `orthogonal`: ‖W‖ ≤ 1 for every stored weight.
      - Cost: 2·M·D operations a sample, because ∇ = ΔᵀX and W∇ᵀW = (XWᵀ)ᵀ(ΔW) has both factors from the passes of the
        network, and 4·M²·D for a retraction, M ≤ D. With 256 units, 256 inputs, batches of 100 and `every: 4` these
        are 1.8 times the operations of a free layer.
      - Reference: Edelman, Arias, Smith 1998, section 2.4.1 (the gradient for the canonical metric); Ablin, Peyré 2022
        (steps that leave the manifold); Björck, Bowie 1971 (the retraction).
      """#,
    #"SyntheticFormat"#: #"""
      Data generated from a seed, for tests and for specs without data files.

      `distribution` is one of
      - `gaussian_blobs`: a center per class, in random directions at distance `separation` from 0;
      - `two_moons`: two interleaved half circles in the first two values (2 classes);
      - `rings`: class k on a circle of radius (k + 1)/classes in the first two values;
      - `waves`: class k is a sine with k + 1 periods along the last axis, at a random phase for each
        sample: no single value tells the class;
      - `digits`: pictures in the style of house numbers, one or three colors of at least 16 × 16 pixels:
        class k is the digit k, with parts of other digits beside it, on a background that changes from one
        color to another; `separation` is the factor of the contrast (10 classes).

      Every value has Gaussian noise of deviation `noise` added; beyond their two values two_moons and
      rings are noise only; digits are then clamped to [0, 1]. Sample i has class i mod `classes`.
      The training and the test split come from independent streams; a sample depends on the seed, the
      split and its index alone.
      Cost: O(samples × values).
      """#,
    #"TanhLayer"#: #"""
      The hyperbolic tangent: f(x) = tanh x.

      - Shapes: any, kept.
      - Bound: f′ = 1 − f² in (0, 1], reached at 0; constant 1.
      - Cost: one pass over the elements.
      - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
      """#,
    #"TranslateAugmentation"#: #"""
      A random translation by fractions of a pixel: the image is moved down and right by two numbers that are
      uniform in [−p, p], with bilinear interpolation between pixels and zeros outside.

      Zeros are those of the input space, after `scale`. Unlike `random_crop`, it also blurs: an element is a mean
      of four pixels.

      - Shapes: [C, H, W] with H and W above p.
      - Cost: six products for each element.
      - Reference: Simard, Steinkraus, Platt 2003, section 2.
      """#,
    #"UnitRowsParametrization"#: #"""
      Rows of length 1: the last layer's normalization.

      Row i of W is vᵢ/‖vᵢ‖ for a free V.

      - Bound: ‖W‖ ≤ ‖W‖_F ≤ √M for M rows. Each output is 1-Lipschitz, and a difference of two is at most
        2-Lipschitz; the exact distance of the rows, which certificates use, is mostly near √2.
      - Cost: one pass over the weight.
      - Reference: Singla, Feizi 2022 (last layer normalization).
      """#,
    #"UpsampleLayer"#: #"""
      Nearest-neighbor upsampling: repeats every element of an image fh × fw times.

      - Shapes: [C, H, W] → [C, fh·H, fw·W].
      - Bound: constant √(fh·fw), exact: the change of each element enters the squared norm fh·fw times.
      - Cost: a copy.
      - Reference: immediate.
      """#,
    #"WassersteinLoss"#: #"""
      The dual of optimal transport: the difference of two logits separates the samples of their classes by as
      much as a function of its constant can.

      For classes i < j, f = (F_i − F_j)/K_ij with K_ij = L′·‖w_i − w_j‖₂ is a function of constant at most 1,
      and (mean of f over samples of class i) − (mean over those of class j) at most the Wasserstein distance
      between the two. The loss is minus the mean of these differences over all pairs of classes; gradients flow
      through K. L′ bounds what precedes the head, whose rows are w; without a head K is √2·L. A class without
      samples in the batch counts as if its mean were 0.

      It is the loss of `task: critic`, which certifies such a lower bound on the distance for the test samples.

      - Reference: Arjovsky, Chintala, Bottou 2017, section 3; Villani 2009, theorem 5.10, for the duality.
      """#,
    #"WeightDecayRegularizer"#: #"""
      Weight decay of chosen layers: (λ/2)·Σ ‖W‖_F² is added to the loss, over dense layers and convolutions.

      The key `weight_decay` of an optimizer applies this, or its decoupled form, to every weight; this
      regularizer decays only some layers.

      - Cost: one pass over the weights.
      - Reference: Krogh, Hertz 1991.
      """#,
    #"ZeroPadLayer"#: #"""
      Zeros around an image.

      - Shapes: [C, H, W] → [C, H + top + bottom, W + left + right].
      - Bound: constant 1: every element is kept, and zeros add nothing to the norm.
      - Cost: a copy.
      - Reference: immediate.
      """#,
  ]

  /// The entries of the glossary.
  static let terms: [String: String] = [
    #"1-NN"#: #"""
      the nearest neighbor among the training samples as a classifier. It has certificates of its own: half the difference of the distances to the nearest sample of the label and of any other class. A network that certifies less than it has room to improve.
      """#,
    #"A"#: #"""
      the certified radius: what is proved for this point.
      """#,
    #"B"#: #"""
      margin / the network's constant as sampled by gradients: what a perfect global bound would certify. An estimate.
      """#,
    #"C"#: #"""
      margin / the constant near the point as sampled by gradients: what a perfect local bound would certify. An estimate.
      """#,
    #"D"#: #"""
      the distance of the nearest adversarial example that the attacks found: an upper bound on the true robustness.
      """#,
    #"D / A"#: #"""
      the factor by which the certificate can be too small at most, in the median over the points with an adversarial example.
      """#,
    #"Wasserstein distance"#: #"""
      the least mean distance by which samples of one class have to be moved to become those of the other, each sample with the same weight in its class (Wasserstein-1, optimal transport with Euclidean costs). A critic (docs/spec.md#critics) proves a lower bound on it for the test samples. In `require`: `wasserstein >= 0.5`.
      """#,
    #"accuracy under attack"#: #"""
      the share of points that are right and for which an attack found nothing within the radius: an upper bound on the true robust accuracy.
      """#,
    #"adversarial example"#: #"""
      an input near a test point that the network does not give the point's label.
      """#,
    #"bound"#: #"""
      an expression over the layers' constants, such as `σ(dense_1) · σ(dense_2)`, that is at least the network's constant for all weights; with weights also its value.
      """#,
    #"ceiling"#: #"""
      the share of test points whose nearest sample of another class is more than twice the radius away. Beyond it a network would have to contradict a sample's label.
      """#,
    #"certificate"#: #"""
      what `certificate.json` claims: bounds on Lipschitz constants of the stored weights, and for each test point the predicted class and a certified radius. `lmtc verify` checks it with code of its own.
      """#,
    #"certified accuracy"#: #"""
      the share of test points that are classified correctly and whose certified radius is larger than the radius asked about: a lower bound on the accuracy under every attack of that size. In `require`: `certified_accuracy(0.1) >= 0.8`, of one class `certified_accuracy(0.1, 3)`.
      """#,
    #"certified radius"#: #"""
      a distance r of a test point such that the network predicts the point's label for every input closer than r. It is the least over the other classes of margin / constant of the difference of the two logits, rounded down; 0 where the network is wrong. It says nothing about inputs beyond r.
      """#,
    #"clean accuracy"#: #"""
      the share of test points whose label the network predicts. In `require`: `clean_accuracy >= 0.9`.
      """#,
    #"composition"#: #"""
      how the bounds of layers are combined: `product`, `regions`, `liplt`, `eclipse`, `multipliers`. The least result is kept at every node.
      """#,
    #"effort"#: #"""
      how long better constants are looked for after training: `quick`, `standard` or `thorough`.
      """#,
    #"enclosure"#: #"""
      an interval, or a center and a radius, that certainly contains an exact number.
      """#,
    #"estimate"#: #"""
      a number that is close but proved in no direction, such as power iteration's. Training uses estimates; certificates never do.
      """#,
    #"guarded area"#: #"""
      the ball around a point in which the paper guarantees the prediction: its radius is margin / (√2·L).
      """#,
    #"head"#: #"""
      the last dense layer, whose rows give the pairwise constants.
      """#,
    #"input units"#: #"""
      the units of distances: those of the numbers that the network reads, after `data.scale` and before any layer. With `scale: 1/255` an image has values from 0 to 1, and a radius of 1 is that much in the ℓ2 norm of the whole image.
      """#,
    #"lipschitz"#: #"""
      the smallest L with ‖F(x) − F(x′)‖ ≤ L·‖x − x′‖ for all inputs x, x′. Finding it is NP-hard, so lmtc proves upper bounds, written `≤`. In `require` the upper bound is compared: `lipschitz <= 10`, of one layer alone `lipschitz(dense_1) <= 1`.
      """#,
    #"margin"#: #"""
      the logit of the label minus the largest other logit.
      """#,
    #"margin ramp"#: #"""
      a schedule that lets c grow from a small number: networks that start with a full margin often do not learn.
      """#,
    #"margin weight"#: #"""
      c in the loss `lmt`: training asks for margins of √2·c·L, the margin that certifies the radius c.
      """#,
    #"median radius"#: #"""
      the median of the certified radii of all test points, those classified wrongly counted as 0. In `require`: `median_radius >= 0.5`.
      """#,
    #"minimum class accuracy"#: #"""
      the smallest certified accuracy of any class. In `require`: `minimum_class_accuracy(0.1) >= 0.7`.
      """#,
    #"pairwise constant"#: #"""
      the Lipschitz constant of the difference of two logits. It is at most √2·L and often much less, so that radii by pairs are larger.
      """#,
    #"parameters"#: #"""
      the number of trained numbers. In `require`: `parameters <= 1e6`.
      """#,
    #"parametrization"#: #"""
      a way to form a weight from a free tensor so that its norm is at most 1 for every value of the tensor, which `compile` can prove before training.
      """#,
    #"power iteration"#: #"""
      repeated application of a matrix and its transpose to a vector, which approaches the spectral norm from below. In training one step for each gradient step follows the weights.
      """#,
    #"region"#: #"""
      layers that are bounded as one operator, such as a convolution and its batch normalization, or a part of the network with a multiplier for each neuron.
      """#,
    #"requirement"#: #"""
      a line of `require`, decided as `holds` or `fails`; `deferred` until training where it cannot be decided before. A failed one makes the exit code 2.
      """#,
    #"rounding"#: #"""
      the difference between the network in real arithmetic and as executed. Radii account for it; reports state what that costs.
      """#,
    #"run folder"#: #"""
      what `run` writes: the spec, the weights, the certificate, the test samples, the report.
      """#,
    #"seed"#: #"""
      the number from which all random choices follow. The same seed, program, machine and number of threads give the same bits.
      """#,
    #"shard"#: #"""
      a part of the test set that one process certifies, `--shard 2/4`; `lmtc merge` joins the parts.
      """#,
    #"share of log L"#: #"""
      a layer's part of the logarithm of the product of constants: where a smaller norm helps most.
      """#,
    #"spectral norm"#: #"""
      the largest singular value of a matrix or convolution, its Lipschitz constant in ℓ2, written σ. `method` in reports is how it was bounded from above.
      """#,
    #"tightness"#: #"""
      how much of a point's true robustness the certificate sees: the chain of four numbers A ≤ B ≤ C ≤ D below, each explained by the ratio to the one before. It needs `certify.attacks`.
      """#,
    #"upper/lower"#: #"""
      an upper bound divided by a proved lower bound on the same number: how much the upper bound can be off at most.
      """#,
  ]

  /// Diagnostics by id.
  static let diagnostics: [String: DiagnosticPage] = [
    #"bound.large"#: DiagnosticPage(
      area: #"bound: no guarantee is possible"#,
      cause: #"warning: a layer's constant is finite but so large that hardly anything can be certified"#,
      remedy: #"raise `epsilon`, or use `batch_norm`"#,
      example: #"""
      layers.yaml:10:7: warning[bound.large]: 'instance_norm' has the Lipschitz constant 1/√epsilon = 316.0 before its factors
        10 |     - instance_norm
           |       ^~~~~~~~~~~~~
        help: raise 'epsilon', or use 'batch_norm', whose constant follows the data
      """#),
    #"bound.promise"#: DiagnosticPage(
      area: #"bound: no guarantee is possible"#,
      cause: #"a weight that training formed exceeds what its parametrization states for every weight: a bug of the parametrization"#,
      remedy: #"report it"#,
      example: nil),
    #"bound.unbounded"#: DiagnosticPage(
      area: #"bound: no guarantee is possible"#,
      cause: #"a layer has no finite Lipschitz constant; the message says why"#,
      remedy: #"replace it"#,
      example: #"""
      unknown-kind.yaml:11:7: error[bound.unbounded]: 'self_attention' has no finite Lipschitz constant: dot-product attention multiplies its input with itself, so its slope grows with the input (Kim, Papamakarios, Mnih 2021, theorem 3.1)
        11 |     - self_attention
           |       ^~~~~~~~~~~~~~
      """#),
    #"certificate.contradicted"#: DiagnosticPage(
      area: #"certificate: a claim does not hold"#,
      cause: #"a point inside a certified ball has another class, a test point another label or class, or a map changes faster than its constant, in exact arithmetic"#,
      remedy: #"report it with `witnesses.npz`"#,
      example: nil),
    #"certificate.data"#: DiagnosticPage(
      area: #"certificate: a claim does not hold"#,
      cause: #"the samples of a certificate are not those of the raw data that `verify` was given"#,
      remedy: #"certify again from the spec, the weights and these data"#,
      example: nil),
    #"certificate.refuted"#: DiagnosticPage(
      area: #"certificate: a claim does not hold"#,
      cause: #"`verify` finds a claim that is wrong, or that it cannot prove, or a file beside the certificate that contradicts it; `audit` a file that the certificate is not about"#,
      remedy: #"see the entry; certify again from spec and weights"#,
      example: nil),
    #"data.ambiguous-array"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"several arrays have one of the usual names"#,
      remedy: #"name one in the spec"#,
      example: nil),
    #"data.array"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an array in an npz file is malformed"#,
      remedy: #"save it again"#,
      example: nil),
    #"data.array-order"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an array is in Fortran order"#,
      remedy: #"save `numpy.ascontiguousarray` of it"#,
      example: nil),
    #"data.baseline"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"`gate` compares runs with different numbers of test points"#,
      remedy: #"compare with a run on the same data"#,
      example: nil),
    #"data.box"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a test sample lies outside the attack box"#,
      remedy: #"set `certify.box` to the range of valid inputs, or to `none`"#,
      example: nil),
    #"data.certificate"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"`audit` finds a certificate or test samples that do not fit the network, or `verify` a file that is not in its format"#,
      remedy: #"take a folder as `run` wrote it"#,
      example: nil),
    #"data.class-folders"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a folder of images does not have one subfolder per class, or not the same ones as the other split"#,
      remedy: #"check paths and `classes`"#,
      example: nil),
    #"data.class-names"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"`class_names` does not have a name for each of the `classes`"#,
      remedy: #"list the texts of all labels, in the order of the classes"#,
      example: nil),
    #"data.classes"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"the distribution has another number of classes"#,
      remedy: #"set `classes` and the last layer"#,
      example: nil),
    #"data.columns"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a row has the wrong number of columns"#,
      remedy: #"check `network.input` and `separator`"#,
      example: nil),
    #"data.count"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"images and labels differ in number"#,
      remedy: #"take both files from one set"#,
      example: nil),
    #"data.duplicate-array"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a file has a duplicate array"#,
      remedy: #"save it again"#,
      example: nil),
    #"data.element-type"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"the element type is not one that the format reads"#,
      remedy: #"convert the file"#,
      example: nil),
    #"data.empty"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a file has no samples"#,
      remedy: #"check the path"#,
      example: nil),
    #"data.format"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a file is not of the expected kind"#,
      remedy: #"see the help for what it is"#,
      example: nil),
    #"data.gzip-corrupt"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a gzip stream is corrupt"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.gzip-expansion"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"gzip expands beyond its limit"#,
      remedy: #"decompress the file yourself"#,
      example: nil),
    #"data.gzip-trailing"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"bytes follow the last gzip member"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.gzip-truncated"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a gzip file ends too early"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.journal"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"the points that an interrupted command kept belong to another spec, other weights, data or bounds"#,
      remedy: #"go on with what that command was given, or start over without `--resume`"#,
      example: nil),
    #"data.label-column"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"`label` names a column that rows do not have"#,
      remedy: #"correct it"#,
      example: nil),
    #"data.label-name"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a label in a table is a word that `class_names` does not list"#,
      remedy: #"list the texts of all labels there, in the order of the classes, or correct the table"#,
      example: nil),
    #"data.label-range"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a label is not a class from 0"#,
      remedy: #"correct the data or `classes`"#,
      example: nil),
    #"data.mat-byte-order"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a MATLAB file is big-endian"#,
      remedy: #"save it on a little-endian machine"#,
      example: nil),
    #"data.mat-class"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"images or labels are not a plain array of numbers"#,
      remedy: #"convert them"#,
      example: nil),
    #"data.mat-corrupt"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a compressed variable is corrupt"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.mat-element"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a MATLAB file is malformed"#,
      remedy: #"save it again"#,
      example: nil),
    #"data.mat-expansion"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a variable expands beyond its limit"#,
      remedy: #"save it without compression, as format 6"#,
      example: nil),
    #"data.mat-version"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a MATLAB file is not of version 5"#,
      remedy: #"save it with `-v7`"#,
      example: nil),
    #"data.missing-array"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"images or labels are missing"#,
      remedy: #"see the help for what the file has"#,
      example: nil),
    #"data.missing-file"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a warning of `compile`: nothing lies at a path of the data"#,
      remedy: #"correct the path"#,
      example: nil),
    #"data.missing-value"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a field of a table is empty"#,
      remedy: #"fill it in"#,
      example: nil),
    #"data.no-path"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"the format reads files, but the spec names none"#,
      remedy: #"set `data.train` or `data.test`"#,
      example: nil),
    #"data.not-a-number"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a field is not a decimal number"#,
      remedy: #"correct it; if the first row has names, set `header: true`"#,
      example: nil),
    #"data.not-finite"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a value, stored or scaled, is NaN, infinite or beyond float32"#,
      remedy: #"correct it, or `scale`"#,
      example: nil),
    #"data.png"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a PNG image is malformed"#,
      remedy: #"save it again"#,
      example: nil),
    #"data.png-unsupported"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a PNG image has 16 bits per sample or transparency"#,
      remedy: #"convert it"#,
      example: nil),
    #"data.rank"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an array has the wrong number of axes"#,
      remedy: #"check that images and labels are not swapped"#,
      example: nil),
    #"data.run"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a file of a run folder is not as lmtc writes it"#,
      remedy: #"run the spec again, or certify its weights"#,
      example: nil),
    #"data.shape"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a sample does not fit `network.input`"#,
      remedy: #"see the help"#,
      example: nil),
    #"data.shard"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"`merge` finds a certificate that is not of a shard, or shards that overlap, leave out points, or differ in spec, weights, data or bounds"#,
      remedy: #"merge the unchanged folders of `certify --shard 1/N` to `--shard N/N`"#,
      example: nil),
    #"data.size-overflow"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a header declares a size that no file can have"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.too-large"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"there are too many synthetic values"#,
      remedy: #"lower `samples`"#,
      example: nil),
    #"data.trailing-bytes"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"bytes follow the last sample"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.truncated"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a file is shorter than its header declares"#,
      remedy: #"download the file again"#,
      example: nil),
    #"data.unscaled"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"a warning: samples are bytes and there is no `scale`, so radii are in gray levels"#,
      remedy: #"add `scale: 1/255`"#,
      example: nil),
    #"data.zip"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an npz archive is malformed"#,
      remedy: #"save it again"#,
      example: nil),
    #"data.zip-checksum"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an entry's checksum is wrong"#,
      remedy: #"copy the file again"#,
      example: nil),
    #"data.zip-corrupt"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an entry cannot be decompressed"#,
      remedy: #"copy the file again"#,
      example: nil),
    #"data.zip-expansion"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an archive expands beyond its limit"#,
      remedy: #"save it without compression"#,
      example: nil),
    #"data.zip-size"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an entry's length differs from the declared one"#,
      remedy: #"save the file again"#,
      example: nil),
    #"data.zip-truncated"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"an archive ends too early"#,
      remedy: #"copy it again"#,
      example: nil),
    #"data.zip-unsupported"#: DiagnosticPage(
      area: #"data: a data file is malformed or does not fit"#,
      cause: #"the archive uses encryption, several disks, zip64 or an unknown compression"#,
      remedy: #"save with `numpy.savez`"#,
      example: nil),
    #"device.count"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"`--devices` asks for more devices than there are, or the batch has no equal parts for them"#,
      remedy: #"see the help"#,
      example: nil),
    #"device.plugin"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"no plugin is found for `--device xla`, or the file is none"#,
      remedy: #"install one by `scripts/get-xla`, or name it by `--device xla:PATH`"#,
      example: nil),
    #"device.plugin-version"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"the plugin has another version of the PJRT interface"#,
      remedy: #"install the one of `scripts/get-xla`"#,
      example: nil),
    #"device.unknown"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"no engine has this name"#,
      remedy: #"use `--device cpu` or `--device xla`"#,
      example: nil),
    #"device.xla"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"XLA cannot compile or execute a graph, or the device fails"#,
      remedy: #"see the message, which is the plugin's, and where it points at an operation, the layer in the spec and the operation's line of `compile --emit graph`; use `--device cpu`"#,
      example: nil),
    #"file.busy"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"another process is writing the run folder"#,
      remedy: #"wait, or choose another with `--out`"#,
      example: nil),
    #"file.exists"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"`import` or `export` would replace a file"#,
      remedy: #"choose another place, or use `--overwrite`"#,
      example: nil),
    #"file.graph"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"a stored graph is malformed"#,
      remedy: #"write it again with `--emit graph`"#,
      example: nil),
    #"file.irregular"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"expected a regular file, found a folder, pipe, socket or device, or a symbolic link inside a data folder"#,
      remedy: #"name a regular file, or copy it"#,
      example: nil),
    #"file.missing"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"a file or folder does not exist"#,
      remedy: #"see the help for what does"#,
      example: nil),
    #"file.name"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"the path of a data set is a file that does not belong to it"#,
      remedy: #"name the folder"#,
      example: nil),
    #"file.other-spec"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"the folder holds a run of another spec"#,
      remedy: #"choose another with `--out`, or use `--overwrite`"#,
      example: nil),
    #"file.too-large"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"a file is larger than 4 MiB for a spec, 4 GiB otherwise"#,
      remedy: #"make it smaller"#,
      example: nil),
    #"file.unreadable"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"a file cannot be read"#,
      remedy: #"check permissions"#,
      example: nil),
    #"file.unwritable"#: DiagnosticPage(
      area: #"file: the file system"#,
      cause: #"a file cannot be written, or the path is not a file"#,
      remedy: #"check path and disk"#,
      example: nil),
    #"require.fails"#: DiagnosticPage(
      area: #"require: no training can meet a requirement"#,
      cause: #"`run` knows before training that the line cannot hold"#,
      remedy: #"change it or the network"#,
      example: nil),
    #"shape.augmentation"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"an augmentation does not apply to the network's inputs"#,
      remedy: #"remove it from `train.augment`"#,
      example: nil),
    #"shape.channels-last"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"a warning: the input seems to have its channels last"#,
      remedy: #"put them first"#,
      example: nil),
    #"shape.claim"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"a shape in a stored IR differs from the inferred one"#,
      remedy: #"write it again with `--emit ir`"#,
      example: nil),
    #"shape.classes"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"`data.classes` differs from the number of logits"#,
      remedy: #"change the last layer"#,
      example: nil),
    #"shape.input"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"`network.input` has more than 2³¹ elements"#,
      remedy: #"make it smaller"#,
      example: #"""
      input-size.yaml:4:10: error[shape.input]: the network's input must have positive extents and at most 2^31 elements, found [65536, 65536]
        4 |   input: [65536, 65536]
          |          ^~~~~~~~~~~~~~
      """#),
    #"shape.logits"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"the output is not a vector of 2 to 4096 logits, or of 1 without `data` and `train`"#,
      remedy: #"end with `flatten` and `dense`"#,
      example: nil),
    #"shape.rule"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"a layer does not accept the shapes of its inputs"#,
      remedy: #"see the notes for where they come from"#,
      example: #"""
      shapes.yaml:6:7: error[shape.rule]: 'conv2d_1' needs a padded input no smaller than its kernel's reach [5, 5], found [4, 4]
        6 |     - conv2d: {filters: 2, kernel: 5}
          |       ^~~~~~
        note: shapes.yaml:4:10: the network's input is [1, 4, 4]
        help: use a smaller kernel or dilation, or more padding
      """#),
    #"shape.size"#: DiagnosticPage(
      area: #"shape: shapes do not match"#,
      cause: #"an output or the parameters have more than 2³¹ elements"#,
      remedy: #"make the layer smaller"#,
      example: #"""
      output-size.yaml:5:12: error[shape.size]: a model must have at most 2^31 parameters; 'dense_1' exceeds them with 'weight' of shape [1000000, 1000000]
        5 |   layers: [dense: 1000000, dense: 2]
          |            ^~~~~
        note: output-size.yaml:4:10: the network's input is [1000000]
      """#),
    #"spec.conflict"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"two keys exclude each other"#,
      remedy: #"see the help"#,
      example: #"""
      layers.yaml:20:31: error[spec.conflict]: 'init' must be 'auto' with a parametrization, found 'he'
        20 |     - dense: {units: 4, init: he, parametrization: aol}
           |                               ^~
        help: leave it out
      """#),
    #"spec.critic"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"the task is `critic`, and the network has more than two logits"#,
      remedy: #"end it with two"#,
      example: nil),
    #"spec.duplicate-name"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"two layers have the same name"#,
      remedy: #"rename one; in `repeat`, use the index: `conv_${i}`"#,
      example: #"""
      repeated-name.yaml:8:42: error[spec.duplicate-name]: two layers are named 'again'
        8 |         layers: [dense: {units: 4, name: again}]
          |                                          ^~~~~
        help: give each copy its own name, such as 'again_${index}'
      """#),
    #"spec.empty"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"`layers` is empty"#,
      remedy: #"add a layer"#,
      example: #"""
      empty-network.yaml:3:31: error[spec.empty]: a network needs at least one layer
        3 | network: {input: [4], layers: []}
          |                               ^~
      """#),
    #"spec.final-softmax"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a warning: the last layer is a softmax, and losses and certificates are about logits"#,
      remedy: #"remove it"#,
      example: nil),
    #"spec.initial-lipschitz"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a warning: parametrizations form all weights, so `train.initial_lipschitz` changes nothing"#,
      remedy: #"remove it"#,
      example: nil),
    #"spec.missing-key"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a required key, block parameter or section is missing"#,
      remedy: #"add it"#,
      example: #"""
      data-paths.yaml:3:1: error[spec.missing-key]: 'data' needs the key 'test', the file or folder of the test data
        3 | data: {format: images, extra: true}
          | ^~~~
      """#),
    #"spec.name"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a name is not valid, or a block has the name of a kind"#,
      remedy: #"choose another name"#,
      example: #"""
      names.yaml:2:7: error[spec.name]: a spec's name must be 1 to 64 letters, digits, '_', '-' and '.', starting with a letter or digit, found '../escape'
        2 | name: ../escape
          |       ^~~~~~~~~
      """#),
    #"spec.number"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a value is not a number or exact expression"#,
      remedy: #"see scalars (docs/spec.md#2-scalars)"#,
      example: #"""
      number.yaml:4:11: error[spec.number]: 'input' must be a number, found '1_000'
        4 |   input: [1_000]
          |           ^~~~~
        help: write '1000'
      """#),
    #"spec.operand"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"an operand in a stored IR is not an earlier node"#,
      remedy: #"write it again with `--emit ir`"#,
      example: nil),
    #"spec.out-of-range"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a value is outside the range of its key"#,
      remedy: #"see the message"#,
      example: #"""
      attacks.yaml:6:20: error[spec.out-of-range]: 'steps' must be at least 1 and at most 100000, found 0
        6 |     - pgd: {steps: 0}
          |                    ^
      """#),
    #"spec.recursive-block"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a block contains itself"#,
      remedy: #"break the cycle that the message shows"#,
      example: #"""
      blocks.yaml:6:21: error[spec.recursive-block]: a block cannot contain itself, found first → second → first
        6 |   second: {layers: [first]}
          |                     ^~~~~
        note: blocks.yaml:5:3: 'first' is defined here
      """#),
    #"spec.regularizer"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a regularizer acts on the final dense layer of a network that has none"#,
      remedy: #"choose `layers: all`"#,
      example: nil),
    #"spec.requirement"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a line of `require` is malformed"#,
      remedy: #"write `quantity <= number`"#,
      example: #"""
      requirements.yaml:5:5: error[spec.requirement]: no quantity is named 'lipshitz'
        5 |   - lipshitz <= 3
          |     ^~~~~~~~
        help: did you mean 'lipschitz'?
      """#),
    #"spec.schedule"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"`c` has a schedule, but the loss has no `c`"#,
      remedy: #"use `lmt`, or remove the schedule"#,
      example: #"""
      ranges.yaml:12:18: error[spec.schedule]: the loss 'cross_entropy' has no margin weight 'c' to vary
        12 |   schedule: {c: {ramp: {epochs: 5}}}
           |                  ^~~~
        help: use the loss 'lmt', or remove the schedule
      """#),
    #"spec.substitution"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"`${…}` is malformed, not a number, or too long"#,
      remedy: #"see constants (docs/spec.md#3-constants)"#,
      example: #"""
      constants.yaml:13:23: error[spec.substitution]: '${' has no matching '}'
        13 |     - dense: {units: "${late"}
           |                       ^~~~~~
      """#),
    #"spec.too-deep"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"the spec is nested more than 100 levels deep after expanding blocks"#,
      remedy: #"nest less"#,
      example: #"""
      too-deep.yaml:103:9: error[spec.too-deep]: lists and mappings nest at most 100 levels deep once blocks are expanded
        103 |   a98: ["${a97}"]
            |         ^~~~~~~~
      """#),
    #"spec.too-large"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"the spec has too many values, layers, constants or parameters"#,
      remedy: #"repeat less"#,
      example: #"""
      too-large.yaml:10:7: error[spec.too-large]: a spec has at most 200000 values once its blocks are expanded
        10 |   f: ["${e}", "${e}", "${e}", "${e}", "${e}", "${e}", "${e}", "${e}", "${e}", "${e}"]
           |       ^~~~~~
      """#),
    #"spec.undefined"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"`${name}` is not defined, or only later"#,
      remedy: #"define it earlier"#,
      example: #"""
      constants.yaml:5:12: error[spec.undefined]: constant 'late' is used before it is defined
        5 |   early: ${late}
          |            ^~~~
      """#),
    #"spec.unknown-key"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"the mapping has no such key"#,
      remedy: #"see the help for the nearest one"#,
      example: #"""
      data-paths.yaml:3:24: error[spec.unknown-key]: 'data' has no key 'extra'
        3 | data: {format: images, extra: true}
          |                        ^~~~~
        help: expected one of: 'classes', 'format', 'scale', 'test', 'train'
      """#),
    #"spec.unknown-kind"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"no layer, loss, optimizer, regularizer, parametrization, augmentation, schedule or format has this name"#,
      remedy: #"see the help"#,
      example: #"""
      attacks.yaml:9:7: error[spec.unknown-kind]: no attack is named '3'
        9 |     - 3: 4
          |       ^
        help: expected one of: 'carlini_wagner', 'deepfool', 'fgsm', 'pgd'
      """#),
    #"spec.unknown-layer"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"`from` names a layer that is not earlier in the list"#,
      remedy: #"check name and order"#,
      example: #"""
      names.yaml:12:20: error[spec.unknown-layer]: no earlier layer is named 'sane'
        12 |     - add: {from: [sane, same]}
           |                    ^~~~
        help: did you mean 'same'?
      """#),
    #"spec.unknown-word"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a value is not one of the words that the key allows"#,
      remedy: #"see the message"#,
      example: #"""
      data-formats.yaml:7:11: error[spec.unknown-word]: 'layout' must be one of 'nchw', 'nhwc', found 'hwc'
        7 |   layout: hwc
          |           ^~~
      """#),
    #"spec.unused-block"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"warning: a block is not used"#,
      remedy: #"remove it"#,
      example: #"""
      blocks.yaml:4:3: warning[spec.unused-block]: block 'unused' is never used
        4 |   unused: {layers: [relu]}
          |   ^~~~~~
      """#),
    #"spec.unused-constant"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"warning: a constant is not used"#,
      remedy: #"remove it"#,
      example: #"""
      constants.yaml:4:3: warning[spec.unused-constant]: constant 'unused' is never used
        4 |   unused: 3
          |   ^~~~~~
      """#),
    #"spec.unused-layer"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"warning: the output of a layer is not used"#,
      remedy: #"use it with `from`, or remove the layer"#,
      example: #"""
      unused-layer.yaml:7:7: warning[spec.unused-layer]: the output of 'relu_1' is not used
        7 |     - relu
          |       ^~~~
      """#),
    #"spec.version"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"this program does not read the version in `lmt`"#,
      remedy: #"write `lmt: 1`"#,
      example: #"""
      ranges.yaml:1:6: error[spec.version]: this lmtc reads version 1 of the spec language, found 2
        1 | lmt: 2
          |      ^
      """#),
    #"spec.wrong-length"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a list has the wrong number of elements"#,
      remedy: #"see the message"#,
      example: #"""
      names.yaml:13:19: error[spec.wrong-length]: 'from' must name 1 to 1000 layers, found 0
        13 |     - add: {from: []}
           |                   ^~
      """#),
    #"spec.wrong-type"#: DiagnosticPage(
      area: #"spec: the document is not a valid spec"#,
      cause: #"a value has the wrong type"#,
      remedy: #"see the message"#,
      example: #"""
      not-a-mapping.yaml:1:1: error[spec.wrong-type]: a spec must be a mapping of keys, found a list
        1 | - lmt: 1
          | ^
        help: begin with 'lmt: 1', 'name: …' and 'network: …'
      """#),
    #"train.diverged"#: DiagnosticPage(
      area: #"train: training failed"#,
      cause: #"the loss, the estimated bound or a weight is not finite"#,
      remedy: #"lower the learning rate or `c`, or raise `c` by a schedule"#,
      example: nil),
    #"train.epochs"#: DiagnosticPage(
      area: #"train: training failed"#,
      cause: #"`--resume` finds more epochs done than the spec asks for"#,
      remedy: #"raise `train.epochs`, or start over"#,
      example: nil),
    #"train.no-start"#: DiagnosticPage(
      area: #"train: training failed"#,
      cause: #"`run --weights` cannot start from weights that a layer's parametrization does not form"#,
      remedy: #"start without them, or use `--resume`"#,
      example: nil),
    #"train.precision"#: DiagnosticPage(
      area: #"train: training failed"#,
      cause: #"a warning: the device has no faster products of bfloat16 or TF32 numbers"#,
      remedy: #"use a processor with AVX512_BF16 or AMX for the former, an NVIDIA GPU with `--device xla` for the latter, or remove `train.precision`"#,
      example: nil),
    #"usage.entry"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"`compile --entry` asks for a graph of which the spec says nothing"#,
      remedy: #"see the help"#,
      example: nil),
    #"usage.export"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"the network cannot be written like this"#,
      remedy: #"see the help"#,
      example: nil),
    #"usage.missing-option"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"a required option is missing"#,
      remedy: #"add it"#,
      example: nil),
    #"usage.set"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"an override is malformed or its path does not exist"#,
      remedy: #"see overrides (docs/spec.md#overrides)"#,
      example: nil),
    #"usage.shard"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"`--shard` asks for more parts than there are test points, or for attacks, or `merge` would write into a shard's folder"#,
      remedy: #"see the help"#,
      example: nil),
    #"usage.tolerance"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"`gate --tolerance` is not a number between 0 and 1"#,
      remedy: #"correct it"#,
      example: nil),
    #"usage.unknown-topic"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"`explain` has no page of this name"#,
      remedy: #"`lmtc explain` lists them"#,
      example: nil),
    #"usage.vary"#: DiagnosticPage(
      area: #"device and usage: the machine and the command line"#,
      cause: #"`sweep --vary` is malformed, or there are too many combinations"#,
      remedy: #"see the help"#,
      example: nil),
    #"weights.duplicate"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an archive has a duplicate tensor"#,
      remedy: #"save it again"#,
      example: nil),
    #"weights.element-type"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"elements are not 32- or 64-bit floats"#,
      remedy: #"convert them"#,
      example: nil),
    #"weights.format"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the file is neither safetensors nor npz"#,
      remedy: #"save with `safetensors` or `numpy.savez`"#,
      example: nil),
    #"weights.header"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a header is malformed"#,
      remedy: #"save the file again"#,
      example: nil),
    #"weights.header-length"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a header is longer than its file"#,
      remedy: #"check that the file is safetensors and complete"#,
      example: nil),
    #"weights.layout"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"tensors overlap or leave gaps"#,
      remedy: #"save the file again"#,
      example: nil),
    #"weights.metadata"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"metadata are not strings"#,
      remedy: #"save them as strings"#,
      example: nil),
    #"weights.missing"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a parameter of the network is missing"#,
      remedy: #"see the help for a similar name"#,
      example: nil),
    #"weights.names"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the tensors fit the network in shape but not in name"#,
      remedy: #"compare the order that the message states with your model; `--rename` takes it, or rename the tensors in the file"#,
      example: nil),
    #"weights.not-a-checkpoint"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the file has no counters and is not a checkpoint"#,
      remedy: #"use `--weights`"#,
      example: nil),
    #"weights.not-finite"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"weights are NaN or infinite and cannot be certified"#,
      remedy: #"train again"#,
      example: nil),
    #"weights.offsets"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a tensor's offsets are outside the file"#,
      remedy: #"save the file again"#,
      example: nil),
    #"weights.onnx"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an ONNX model is malformed, or does not have one input and one output"#,
      remedy: #"check it with `onnx.checker`; name the logits by `--output`"#,
      example: nil),
    #"weights.onnx-operator"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an operator of a model has no counterpart among lmtc's layers"#,
      remedy: #"see the reason; end the model before it, or write the layer in another way"#,
      example: nil),
    #"weights.onnx-remark"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the network of an ONNX model differs from the model in something that can matter, such as rounded weights"#,
      remedy: #"read it; there may be nothing to do"#,
      example: nil),
    #"weights.other-run"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a checkpoint has another spec, seed or data"#,
      remedy: #"resume with those of the first run, or change `--out`"#,
      example: nil),
    #"weights.parametrized"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the file has the parts of a weight under `weight_norm` or another parametrization of PyTorch"#,
      remedy: #"remove the parametrization before saving"#,
      example: nil),
    #"weights.shape"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a tensor has the wrong shape"#,
      remedy: #"check the spec against the model"#,
      example: nil),
    #"weights.size"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a tensor's size does not match its shape"#,
      remedy: #"save the file again"#,
      example: nil),
    #"weights.trailing-bytes"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"bytes follow the last tensor"#,
      remedy: #"save the file again"#,
      example: nil),
    #"weights.truncated"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the file ends too early"#,
      remedy: #"copy it again"#,
      example: nil),
    #"weights.unknown"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the network has no such tensor"#,
      remedy: #"rename or remove it"#,
      example: nil),
    #"weights.wrong-shape"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"a checkpoint's tensor has the wrong shape"#,
      remedy: #"start without `--resume`"#,
      example: nil),
    #"weights.zip"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an npz archive is malformed"#,
      remedy: #"save it again"#,
      example: nil),
    #"weights.zip-checksum"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an entry's checksum is wrong"#,
      remedy: #"copy the file again"#,
      example: nil),
    #"weights.zip-corrupt"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an entry cannot be decompressed"#,
      remedy: #"copy the file again"#,
      example: nil),
    #"weights.zip-expansion"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an archive expands beyond its limit"#,
      remedy: #"save it without compression"#,
      example: nil),
    #"weights.zip-size"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an entry's length differs from the declared one"#,
      remedy: #"save the file again"#,
      example: nil),
    #"weights.zip-truncated"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"an archive ends too early"#,
      remedy: #"copy it again"#,
      example: nil),
    #"weights.zip-unsupported"#: DiagnosticPage(
      area: #"weights: a file of weights or a checkpoint is malformed or does not fit"#,
      cause: #"the archive uses encryption, several disks, zip64 or an unknown compression"#,
      remedy: #"save with `numpy.savez`"#,
      example: nil),
    #"yaml.alias"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"an alias comes before its anchor or inside it"#,
      remedy: #"define the anchor first"#,
      example: #"""
      yaml-alias.yaml:2:7: error[yaml.alias]: no anchor 'nme' is defined before this alias
        2 | name: *nme
          |       ^~~~
      """#),
    #"yaml.character"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"a character that YAML does not allow"#,
      remedy: #"remove it"#,
      example: #"""
      yaml-character.yaml:2:8: error[yaml.character]: control characters are not allowed
        2 | name: a�b
          |        ^
      """#),
    #"yaml.documents"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"the file has a second document"#,
      remedy: #"write one spec per file"#,
      example: #"""
      yaml-documents.yaml:4:1: error[yaml.documents]: a file must contain one document, found a second
        4 | ---
          | ^~~
        help: put each spec in its own file
      """#),
    #"yaml.duplicate-key"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"a mapping has a duplicate key"#,
      remedy: #"remove one"#,
      example: #"""
      yaml-keys.yaml:3:1: error[yaml.duplicate-key]: duplicate key 'name'
        3 | name: twice
          | ^~~~
        note: yaml-keys.yaml:2:1: first used here
        help: remove one of them
      """#),
    #"yaml.empty"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"the file has only blanks and comments"#,
      remedy: #"begin with `lmt: 1`"#,
      example: #"""
      yaml-empty.yaml:1:1: error[yaml.empty]: the spec is empty
        1 |
          | ^
        help: begin with 'lmt: 1', 'name: …' and 'network: …'
      """#),
    #"yaml.encoding"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"a byte that is not UTF-8, or NUL"#,
      remedy: #"save as UTF-8"#,
      example: #"""
      yaml-encoding.yaml:2:10: error[yaml.encoding]: a spec must be encoded as UTF-8, found byte 0xE9
        2 | name: caf�
          |          ^
        help: save the file as UTF-8
      """#),
    #"yaml.key"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"a key is a list or mapping"#,
      remedy: #"use a single word"#,
      example: #"""
      yaml-keys.yaml:9:25: error[yaml.key]: a key must be a single word, found a list
        9 |     - dense: {units: 3, [1]: 2}
          |                         ^~~
      """#),
    #"yaml.merge-key"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"`<<` is not part of the language"#,
      remedy: #"write the keys out, or use `define`"#,
      example: #"""
      yaml-keys.yaml:7:15: error[yaml.merge-key]: merge keys are not part of the spec language
        7 |     - dense: {<<: {bias: false}, units: 3}
          |               ^~
        help: write the keys out, or use 'define'
      """#),
    #"yaml.syntax"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"the text is not valid YAML"#,
      remedy: #"check indentation, tabs and brackets at the place shown"#,
      example: #"""
      yaml-syntax.yaml:4:6: error[yaml.syntax]: did not find expected ',' or ']'
        4 | train: {}
          |      ^
        note: yaml-syntax.yaml:3:31: while parsing a flow sequence
        help: close the bracket, or separate the entries with commas
      """#),
    #"yaml.tag"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"a tag such as `!!int`"#,
      remedy: #"remove it; the key decides the type of a value"#,
      example: #"""
      yaml-keys.yaml:8:22: error[yaml.tag]: tags are not part of the spec language, found '!!int'
        8 |     - dense: {units: !!int 3}
          |                      ^~~~~
        help: remove the tag
      """#),
    #"yaml.too-deep"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"lists and mappings are nested more than 100 levels deep"#,
      remedy: #"flatten them"#,
      example: #"""
      yaml-too-deep.yaml:2:101: error[yaml.too-deep]: lists and mappings nest at most 100 levels deep
        2 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]…
          |                                                                                                     ^
      """#),
    #"yaml.too-large"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"the file is larger than 4 MiB"#,
      remedy: #"put data and weights in separate files"#,
      example: nil),
    #"yaml.too-many-nodes"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"the document has more than 200,000 values after expanding aliases"#,
      remedy: #"repeat less"#,
      example: #"""
      yaml-too-many-nodes.yaml:9:9: error[yaml.too-many-nodes]: a spec has at most 200000 values once its aliases are expanded
        9 |   e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
          |         ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      """#),
    #"yaml.unused-anchor"#: DiagnosticPage(
      area: #"yaml: the text is not a valid YAML document"#,
      cause: #"warning: an anchor is not used"#,
      remedy: #"remove it"#,
      example: #"""
      yaml-keys.yaml:5:10: warning[yaml.unused-anchor]: anchor 'unused' is never used
        5 |   input: &unused [4]
          |          ^~~~~~~
        help: remove '&unused'
      """#),
  ]
}
