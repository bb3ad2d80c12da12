// The score of a pair: one number with a meaning, the probability that this referral ends in a good bond.
//
//   P(good) = P(reach) · P(start | wait) · P(bond),   ordered by  log P(good) − price
#ifndef RAPPORT_MATCHER_RANKING_SCORE_H_
#define RAPPORT_MATCHER_RANKING_SCORE_H_

#include "absl/time/time.h"
#include "matcher/capacity/reach.h"
#include "matcher/domain/therapist.h"
#include "matcher/fit/model.h"
#include "matcher/state/state.h"

namespace rapport::matcher {

struct Score {
  double log_reach = 0;
  double log_start = 0;
  double log_bond = 0;
  double price = 0;      // shadow price of scarce seats, in log units; 0 until a network sets prices
  double log_score = 0;  // log_reach + log_start + log_bond − price; what candidates are ordered by
  LatentBond bond;
  double reach_log_variance = 0;

  // exp(log_reach + log_start + log_bond).
  double Good() const;
  // Ends of the 95 % interval of P(good): the variances of log P(reach) and, by the delta method, of log
  // P(bond) added. Within [0, 1].
  struct Interval {
    double low = 0;
    double high = 0;
  };
  Interval GoodInterval() const;
};

// The score of a pair at `now`. `visit` is handed every part of the latent bond's mean (see Model::Predict).
Score ScorePair(const State& state, const ClientView& client, const Listing& listing, absl::Time now,
                BondVisitor visit);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_SCORE_H_
