"""Tomtom's statistics, slow and obvious: one number at a time, no arrays."""

import math
import random
from collections import defaultdict

import numpy as np

BASES = range(4)


def estimate_1(c):
    return [(c[a] + 1) / (sum(c) + 4) for a in BASES]


def estimate_5(c):
    """A mixture over five Dirichlet components, by its Gamma functions."""
    alphas = [[5 if a == b else 1 for a in BASES] for b in BASES] + [[2] * 4]
    logs = []
    for alpha in alphas:
        weight = math.lgamma(sum(alpha)) - math.lgamma(sum(c) + sum(alpha))
        for a in BASES:
            weight += math.lgamma(c[a] + alpha[a]) - math.lgamma(alpha[a])
        logs.append(weight)
    weights = [math.exp(weight - max(logs)) for weight in logs]
    return [
        sum(
            weight * (c[a] + alpha[a]) / (sum(c) + sum(alpha))
            for weight, alpha in zip(weights, alphas, strict=True)
        )
        / sum(weights)
        for a in BASES
    ]


def column_score(distance, q, t, n_q, n_t, b):
    if distance == "ed":
        return -math.sqrt(sum((q[a] - t[a]) ** 2 for a in BASES))
    if distance == "sandelin":
        return 2 - sum((q[a] - t[a]) ** 2 for a in BASES)
    if distance == "kullback":
        return -0.5 * sum(
            q[a] * math.log10(q[a] / t[a]) + t[a] * math.log10(t[a] / q[a])
            for a in BASES
        )
    if distance == "pearson":
        dot = sum((q[a] - 0.25) * (t[a] - 0.25) for a in BASES)
        norms = [sum((x[a] - 0.25) ** 2 for a in BASES) for x in (q, t)]
        return dot / math.sqrt(norms[0] * norms[1]) if min(norms) > 0 else 0.0
    c_q, c_t = [n_q * x for x in q], [n_t * x for x in t]
    if distance == "allr":
        terms = sum(
            c_t[a] * math.log(q[a] / b[a]) + c_q[a] * math.log(t[a] / b[a])
            for a in BASES
        )
        return terms / sum(c_q + c_t)
    estimate = {"1": estimate_1, "5": estimate_5}[distance[-1]]

    def likelihood(c):
        return sum(c[a] * math.log(estimate(c)[a]) for a in BASES)

    c = [c_q[a] + c_t[a] for a in BASES]
    own = likelihood(c_q) + likelihood(c_t)
    if distance.startswith("llr"):
        return likelihood(c) - own
    return 2 * likelihood(c) - own - sum(c[a] * math.log(b[a]) for a in BASES)


def discrete_scores(query, columns):
    """Scores (w, N) less each row's median -> whole numbers, and the bin of 0."""
    size = len(columns)
    rows = []
    for row in query:
        ordered = sorted(row)
        low = max(size // 2 - 1, 0)
        high = max(math.ceil(size / 2) - 1, low)
        median = (ordered[low] + ordered[high]) / 2
        rows.append([x - median for x in row])
    least, most = min(map(min, rows)), max(map(max, rows))
    if least == most:
        least = most - 1
    offset = math.floor(least)
    scale = math.floor(100 / (most - offset))
    rows = [[math.floor((x - offset) * scale + 0.5) for x in row] for row in rows]
    return rows, -offset * scale


def span_pmf(rows, first, last):
    pmf = {0: 1.0}
    for row in rows[first : last + 1]:
        following = defaultdict(float)
        for total, chance in pmf.items():
            for score in row:
                following[total + score] += chance / len(row)
        pmf = following
    return pmf


def p_value(rows, zero, target_width, total, strands):
    """The chance that the best of all alignments reaches `total`."""
    w, length = len(rows), target_width
    log_none = 0.0
    for i in range(w + length - 1):
        if i < w:
            first = w - 1 - i
            last = min(w, first + length) - 1
        else:
            first, last = 0, min(w, w + length - i - 1) - 1
        shift = zero * (w - (last - first + 1))
        pmf = span_pmf(rows, first, last)
        tail = sum(x for score, x in sorted(pmf.items()) if score >= total - shift)
        if tail > 1 - 1e-12:
            return 1.0
        log_none += math.log1p(-tail)
    return -math.expm1(strands * log_none)


def best_alignment(scores, zero, w, length, min_overlap, internal):
    """Best (total over aligned columns less zero, overlap, offset).

    Args:
        scores: Function of query column and target column.
    """
    candidates = []
    for c in range(1, w + length):
        pairs = [(j, j - w + c) for j in range(w) if 0 <= j - w + c < length]
        needed = min(w, length) if internal else min(min_overlap, w, length)
        if len(pairs) >= needed:
            total = sum(scores(j, t) - zero for j, t in pairs)
            candidates.append((total, len(pairs), -c))
    total, overlap, c = max(candidates)
    return total, overlap, -c - w


def compare(
    query,
    n_query,
    targets,
    n_targets,
    *,
    distance="ed",
    background=None,
    min_overlap=1,
    internal=False,
    reverse_complement=True,
):
    """One query against all targets -> list of (p, offset, overlap) per entry."""
    background = background or [0.25] * 4
    entries, sites = [], []
    for target, n in zip(targets, n_targets, strict=True):
        entries.append([list(row) for row in target])
        sites.append(n)
        if reverse_complement:
            entries.append([list(row)[::-1] for row in target][::-1])
            sites.append(n)
    columns = [
        (row, n) for entry, n in zip(entries, sites, strict=True) for row in entry
    ]
    raw = [
        [column_score(distance, q, t, n_query, n, background) for t, n in columns]
        for q in [list(row) for row in query]
    ]
    rows, zero = discrete_scores(raw, columns)
    results, start = [], 0
    for entry in entries:
        begin = start

        def scores(j, t, begin=begin):
            return rows[j][begin + t]

        total, overlap, offset = best_alignment(
            scores, zero, len(query), len(entry), min_overlap, internal
        )
        whole = total + len(query) * zero
        p = p_value(rows, zero, len(entry), whole, 1 + reverse_complement)
        results.append((p, offset, overlap))
        start += len(entry)
    return results


def twister():
    """The random numbers in [0, 1): MT19937 with the old seeding by 4357."""
    key = [4357]
    while len(key) < 624:
        key.append(69069 * key[-1] % 2**32)
    generator = random.Random()
    generator.setstate((3, (*key, 624), None))
    while True:
        first, second = generator.getrandbits(32), generator.getrandbits(32)
        yield (first * 2**32 + second) / 2**64


def q_values(p_values, uniform):
    """q-values of ascending p-values, drawing from `uniform`."""
    size = len(p_values)
    lambdas = [0.5 * i / 100 for i in range(1, 101)]

    def share(sample, limit):
        count = sum(p >= limit for p in sample)
        return count / ((1 - limit) * len(sample)) if count else math.inf

    pi0 = 1.0
    if size > 100:
        observed = [share(p_values, limit) for limit in lambdas]
        errors = [0.0] * len(lambdas)
        for _ in range(100):
            sample = [p_values[int(next(uniform) * size)] for _ in range(1000)]
            for place, limit in enumerate(lambdas):
                errors[place] += (share(sample, limit) - min(observed)) ** 2
        pi0 = min(max(observed[errors.index(min(errors))], 0.0), 1.0)
    values = [min(1.0, pi0 * p * size / (i + 1)) for i, p in enumerate(p_values)]
    for place in reversed(range(size - 1)):
        values[place] = min(values[place], values[place + 1])
    return np.array(values)
