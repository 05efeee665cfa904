// A random forest from XGBoost. The library is loaded on demand, because the extractor needs it for nothing else.
#ifndef CLOISTER_FOREST_H
#define CLOISTER_FOREST_H

#include <stddef.h>
#include <stdint.h>

// Rows of features, each present or absent: row r has the features columns[starts[r]] up to columns[starts[r + 1]].
struct cforest_rows {
  const size_t *starts;
  const uint32_t *columns;
  size_t rows;
  size_t column_count;
};

// The settings for growing a forest.
struct cforest_settings {
  int classes;
  int trees;
  int threads;
  uint32_t seed;
};

// Loads libxgboost; starts no thread. Returns 0, or -1 if it is missing or lacks a function. It stays loaded.
int cforest_load(void);

// Grows a forest on some rows and gives the probability of every class for others; with two classes, only that
// of class 1. Returns 0 or -1; cforest_failure() then gives the reason.
int cforest_run(const struct cforest_rows *train, const float *labels, const struct cforest_rows *test,
                const struct cforest_settings *settings, float *probabilities);

const char *cforest_failure(void);

#endif
