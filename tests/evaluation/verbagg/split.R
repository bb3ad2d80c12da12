# Writes VerbAgg (316 people, 24 situations, whether each would be verbally aggressive in each) in the replay format, people as
# clients and situations as therapists, and prints how well lme4 foretells what is kept apart: folder, "glmer", AUC, log-loss.
# usage: Rscript split.R FOLDER SEED
# Kept apart: three answers in ten at random (FOLDER/random), and all answers to six situations (FOLDER/cold); each also with what
# was known beforehand (_known): a person's anger and gender; what a situation is about, who is at fault in it, want or do.
suppressMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
data(VerbAgg)
set.seed(as.integer(arguments[2]))
answers <- VerbAgg[sample(nrow(VerbAgg)), ]
answers$yes <- as.integer(answers$r2 == "Y")
kept <- list(random = seq_len(nrow(answers)) > .7 * nrow(answers),
             cold = answers$item %in% sample(levels(answers$item), 6))
formulas <- c(answers = yes ~ 1 + (1 | id) + (1 | item),
              known = yes ~ Anger + Gender + btype + situ + mode + (1 | id) + (1 | item))
auc <- function(p, yes) (sum(rank(p)[yes == 1]) - sum(yes) * (sum(yes) + 1) / 2) / (sum(yes) * sum(1 - yes))
people <- unique(with(answers, data.frame(client_id = paste0("p", id), anger = Anger, male = as.integer(Gender == "M"))))
situations <- unique(with(answers, data.frame(
  therapist_id = paste0("s", as.integer(item)), curse = as.integer(btype == "curse"), scold = as.integer(btype == "scold"),
  self = as.integer(situ == "self"), does = as.integer(mode == "do"))))
for (name in names(kept)) for (told in names(formulas)) {
  test <- kept[[name]]
  fit <- glmer(formulas[[told]], answers[!test, ], family = binomial, control = glmerControl(optimizer = "bobyqa"))
  p <- predict(fit, answers[test, ], type = "response", allow.new.levels = TRUE)
  yes <- answers$yes[test]
  label <- if (told == "answers") name else paste0(name, "_", told)
  cat(sprintf("%s glmer %.4f %.4f\n", label, auc(p, yes), -mean(ifelse(yes == 1, log(p), log(1 - p)))))
  dir.create(file.path(folder, label), recursive = TRUE)
  write <- function(table, file) write.csv(table, file.path(folder, label, file), row.names = FALSE, quote = FALSE)
  order <- c(which(!test), which(test))  # what is kept comes after everything else, all at once
  write(with(answers[order, ], data.frame(
    event_id = order, t = pmin(seq_along(order), sum(!test) + 1), client_id = paste0("p", id),
    therapist_id = paste0("s", as.integer(item)), accepted = yes, split = ifelse(test[order], "test", "train"))), "events.csv")
  columns <- function(table) if (told == "known") table else table[1]
  write(columns(people), "clients.csv")
  write(columns(situations), "therapists.csv")
}
