// A random forest by XGBoost, which is loaded when it is asked for: the extractor does not need the library for anything else.
#ifndef CLOISTER_FOREST_H
#define CLOISTER_FOREST_H

#include <stddef.h>
#include <stdint.h>

// Rows of features that are there or not: those of row r are columns[starts[r]] up to columns[starts[r + 1]].
struct cforest_rows {
  const size_t *starts;
  const uint32_t *columns;
  size_t rows;
  size_t column_count;
};

// How a forest is grown.
struct cforest_settings {
  int classes;
  int trees;
  int threads;
  uint32_t seed;
};

// Loads libxgboost; starts no thread. 0, or -1 where it is not there or lacks a function. The result stays.
int cforest_load(void);

// Grows a forest on some rows and gives the probability of every class for others: of class 1 alone where there are two.
// Returns 0, or -1: cforest_failure() says why.
int cforest_run(const struct cforest_rows *train, const float *labels, const struct cforest_rows *test,
                const struct cforest_settings *settings, float *probabilities);

const char *cforest_failure(void);

#endif
