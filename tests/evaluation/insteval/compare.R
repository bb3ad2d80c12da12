# Fits the same ratings with lme4, in the same run, and holds both results against each other.
# usage: Rscript compare.R export RATINGS.csv | Rscript compare.R compare OUT_PREFIX | Rscript compare.R split FOLDER
# split: keeps one rating in ten apart, and all of one lecturer in twenty; writes FOLDER/random and FOLDER/cold in the replay format,
# the ratings alone, and FOLDER/random_known and FOLDER/cold_known with what was known of each lecture (for another department or
# not, which is its concern; ages); and prints how far lme4, fitted to the rest with the same effects, is from what was kept.
suppressMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)
data(InstEval)
if (arguments[1] == "export") {
  ratings <- with(InstEval, data.frame(s = s, d = d, service = as.integer(service) - 1, y = y))
  write.csv(ratings, arguments[2], row.names = FALSE, quote = FALSE)
  quit(status = 0)
}
if (arguments[1] == "split") {
  set.seed(1)
  kept <- list(random = sample(nrow(InstEval)) <= nrow(InstEval) / 10,
               cold = InstEval$d %in% sample(levels(InstEval$d), nlevels(InstEval$d) / 20))
  InstEval$student_age <- as.numeric(as.character(InstEval$studage))
  InstEval$lecture_age <- as.numeric(as.character(InstEval$lectage))
  formulas <- c(ratings = y ~ 1 + (1 | s) + (1 | d),
                known = y ~ service + student_age + lecture_age + (1 | s) + (1 | d) + (1 | d:service))
  for (name in names(kept)) for (told in names(formulas)) {
    test <- kept[[name]]
    fit <- lmer(formulas[[told]], InstEval[!test, ])
    error <- InstEval$y[test] - predict(fit, InstEval[test, ], allow.new.levels = TRUE)
    folder <- if (told == "ratings") name else paste0(name, "_", told)
    cat(sprintf("%s: lme4, %d ratings kept apart: RMSE %.4f\n", folder, sum(test), sqrt(mean(error^2))))
    folder <- file.path(arguments[2], folder)
    dir.create(folder, recursive = TRUE)
    write <- function(table, file) write.csv(table, file.path(folder, file), row.names = FALSE, quote = FALSE)
    # What is kept apart comes after everything else, all at once.
    order <- c(which(!test), which(test))
    events <- with(InstEval[order, ], data.frame(
      event_id = order, t = pmin(seq_along(order), sum(!test) + 1), client_id = paste0("s", s),
      therapist_id = paste0("d", d), bond = y, split = ifelse(test[order], "test", "train")))
    if (told == "known") {
      known <- c("service", "student_age", "lecture_age")
      events <- cbind(events, InstEval[order, known])
    }
    write(events, "events.csv")
    write(data.frame(client_id = paste0("s", levels(InstEval$s))), "clients.csv")
    write(data.frame(therapist_id = paste0("d", levels(InstEval$d))), "therapists.csv")
  }
  quit(status = 0)
}
ours <- read.csv(paste0(arguments[2], "_summary.csv"))
failed <- FALSE
for (name in c("plain", "service")) {
  formula <- if (name == "plain") y ~ 1 + (1 | s) + (1 | d) else y ~ 1 + service + (1 | s) + (1 | d)
  invisible(gc(reset = TRUE))
  seconds <- system.time(fit <- lmer(formula, InstEval))[["elapsed"]]
  memory <- sum(gc()[, 6])
  variance <- as.data.frame(VarCorr(fit))$vcov
  mine <- ours[ours$model == name, ]
  relative <- abs(c(mine$client, mine$therapist, mine$error) / variance - 1)
  criterion <- abs(mine$reml / REMLcrit(fit) - 1)
  effects <- read.csv(paste0(arguments[2], "_", name, "_effects.csv"))
  difference <- 0
  for (kind in c("s", "d")) {
    theirs <- ranef(fit)[[kind]]
    own <- effects[effects$kind == kind, ]
    difference <- max(difference, abs(theirs[as.character(own$name), 1] - own$value))
  }
  fixed <- max(abs(fixef(fit) - effects$value[effects$kind == "fixed"]))
  cat(sprintf("%s\n", deparse(formula)))
  cat(sprintf("  %-24s %12s %12s %12s\n", "", "lme4", "rapport", "difference"))
  for (i in 1:3) {
    cat(sprintf("  %-24s %12.6f %12.6f %12.1e relative\n", c("variance of s", "variance of d", "variance of error")[i],
                variance[i], c(mine$client, mine$therapist, mine$error)[i], relative[i]))
  }
  cat(sprintf("  %-24s %12.4f %12.4f %12.1e relative\n", "REML criterion", REMLcrit(fit), mine$reml, criterion))
  cat(sprintf("  %-24s %12s %12s %12.1e largest\n", "predictions (s, d)", "", "", difference))
  cat(sprintf("  %-24s %12s %12s %12.1e largest\n", "fixed effects", "", "", fixed))
  cat(sprintf("  %-24s %12.2f %12.2f %11.1fx\n", "seconds", seconds, mine$seconds, seconds / mine$seconds))
  cat(sprintf("  %-24s %12.0f %12.0f\n", "memory, MB", memory, mine$memory_mb))
  failed <- failed || max(relative) > 1e-3 || criterion > 1e-4 || difference > 1e-3 || fixed > 1e-3
}
cat(if (failed) "DISAGREE\n" else "AGREE: variances within 1e-3, criterion within 1e-4, predictions within 1e-3\n")
quit(status = if (failed) 1 else 0)
