// The part of XGBoost's C interface (xgboost/c_api.h of 1.6 and 1.7) that a random forest needs, declared here so that
// its header is not needed.
#include "cforest.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *handle;

static struct {
  const char *(*last_error)(void);
  int (*matrix_from_rows)(const size_t *, const unsigned *, const float *, size_t, size_t, size_t, handle *);
  int (*matrix_set_floats)(handle, const char *, const float *, uint64_t);
  int (*matrix_free)(handle);
  int (*booster_create)(const handle *, uint64_t, handle *);
  int (*booster_set)(handle, const char *, const char *);
  int (*booster_update)(handle, int, handle);
  int (*booster_predict)(handle, handle, int, unsigned, int, uint64_t *, const float **);
  int (*booster_free)(handle);
} xgboost;

static int is_loaded;
static char failure[300] = "libxgboost is not loaded";

const char *cforest_failure(void) { return failure; }

static int fail(const char *what) {
  snprintf(failure, sizeof failure, "%s", what);
  return -1;
}

int cforest_load(void) {
  if (is_loaded) return 0;
  // XGBoost's threads otherwise spin while they wait for each other, and beside another busy program on the same
  // processors they hardly advance. OpenMP reads this when it is loaded.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  void *library = dlopen("libxgboost.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libxgboost.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail("libxgboost.so.0 is not installed");
  struct { void *place; const char *name; } wanted[] = {
    {&xgboost.last_error, "XGBGetLastError"},          {&xgboost.matrix_from_rows, "XGDMatrixCreateFromCSREx"},
    {&xgboost.matrix_set_floats, "XGDMatrixSetFloatInfo"}, {&xgboost.matrix_free, "XGDMatrixFree"},
    {&xgboost.booster_create, "XGBoosterCreate"},      {&xgboost.booster_set, "XGBoosterSetParam"},
    {&xgboost.booster_update, "XGBoosterUpdateOneIter"}, {&xgboost.booster_predict, "XGBoosterPredict"},
    {&xgboost.booster_free, "XGBoosterFree"},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *function = dlsym(library, wanted[i].name);
    if (!function) return fail("libxgboost lacks a function of its C interface");
    memcpy(wanted[i].place, &function, sizeof function);
  }
  is_loaded = 1;
  return 0;
}

static int set_number(handle booster, const char *name, const char *format, double value) {
  char text[32];
  snprintf(text, sizeof text, format, value);
  return xgboost.booster_set(booster, name, text);
}

static int set(handle booster, const struct cforest_settings *settings, double base) {
  int status = xgboost.booster_set(booster, "verbosity", "0") | xgboost.booster_set(booster, "tree_method", "hist") |
               xgboost.booster_set(booster, "eta", "1") | xgboost.booster_set(booster, "subsample", "0.632") |
               xgboost.booster_set(booster, "colsample_bynode", "0.2") | xgboost.booster_set(booster, "max_depth", "12") |
               xgboost.booster_set(booster, "max_bin", "2") |
               set_number(booster, "num_parallel_tree", "%.0f", settings->trees) |
               set_number(booster, "nthread", "%.0f", settings->threads) | set_number(booster, "seed", "%.0f", settings->seed);
  if (settings->classes == 2) {
    return status | xgboost.booster_set(booster, "objective", "binary:logistic") | set_number(booster, "base_score", "%.6f", base);
  }
  return status | xgboost.booster_set(booster, "objective", "multi:softprob") |
         set_number(booster, "num_class", "%.0f", settings->classes);
}

static int matrix(const struct cforest_rows *rows, handle *result) {
  size_t count = rows->starts[rows->rows];
  float ones[4096];
  float *values = ones;
  if (count > 4096 && !(values = malloc(count * sizeof(float)))) return -1;
  for (size_t i = 0; i < count; i++) values[i] = 1;
  int status = xgboost.matrix_from_rows(rows->starts, rows->columns, values, rows->rows + 1, count, rows->column_count, result);
  if (values != ones) free(values);
  return status;
}

static double mean(const float *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += values[i];
  double mean = count ? sum / count : 0.5;
  return mean < 1e-4 ? 1e-4 : mean > 1 - 1e-4 ? 1 - 1e-4 : mean;
}

int cforest_run(const struct cforest_rows *train, const float *labels, const struct cforest_rows *test,
                const struct cforest_settings *settings, float *probabilities) {
  if (!is_loaded) return -1;
  handle known = NULL, asked = NULL, booster = NULL;
  uint64_t count = 0;
  const float *result = NULL;
  int status = matrix(train, &known) || matrix(test, &asked) ||
               xgboost.matrix_set_floats(known, "label", labels, train->rows) || xgboost.booster_create(&known, 1, &booster) ||
               set(booster, settings, mean(labels, train->rows)) || xgboost.booster_update(booster, 0, known) ||
               xgboost.booster_predict(booster, asked, 0, 0, 0, &count, &result);
  size_t expected = test->rows * (settings->classes == 2 ? 1 : (size_t)settings->classes);
  if (status) {
    fail(xgboost.last_error());
  } else if (count != expected) {
    status = fail("libxgboost returned the wrong number of probabilities");
  } else {
    memcpy(probabilities, result, expected * sizeof(float));
  }
  if (booster) xgboost.booster_free(booster);
  if (asked) xgboost.matrix_free(asked);
  if (known) xgboost.matrix_free(known);
  return status ? -1 : 0;
}
