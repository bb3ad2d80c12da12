#include "matcher/ranking/explanation.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace rapport::matcher {
namespace {

// Parts of the latent bond below this are not worth a sentence of their own (about one point in a hundred of
// P(bond)).
constexpr double kWorthSaying = .03;
constexpr std::size_t kMostSentences = 4;

std::string Percent(double log_probability) {
  return absl::StrCat(std::lround(100 * std::exp(log_probability)), " %");
}

std::string OffersSentence(const OfferCounts& offers) {
  const int made = offers.accepted + offers.declined + offers.unanswered;
  if (made == 0) return "no offers made yet";
  return absl::StrCat(offers.accepted, " of ", made, " offers taken");
}

std::string ConfirmedSentence(const Listing& listing, absl::Time now) {
  const auto days = std::max<std::int64_t>(0, (now - listing.last_confirmed) / absl::Hours(24));
  if (days == 0) return "heard from within a day";
  return absl::StrCat("last heard from ", days, days == 1 ? " day ago" : " days ago");
}

std::string WaitSentence(double weeks) {
  if (weeks <= 0) return "a first session can be held now";
  return absl::StrFormat("first session in %.3g week%s", weeks, weeks == 1 ? "" : "s");
}

// "warm and gentle", the pole of a style dimension on the side of `value`.
const std::string& Pole(const StyleDimension& dimension, double value) {
  return value < 0 ? dimension.low_pole : dimension.high_pole;
}

std::string StyleWishSentence(const StyleDimension& dimension, double wish, double described) {
  if ((wish < 0) == (described < 0)) {
    return absl::StrCat("describes their way of working as wished: ", Pole(dimension, described));
  }
  return absl::StrCat("wished: ", Pole(dimension, wish),
                      "; describes themself: ", Pole(dimension, described));
}

std::vector<std::string> MetApproaches(const Catalog& catalog, const ClientContext& context,
                                       const Therapist& therapist) {
  std::vector<std::string> met;
  for (const ApproachWish& wish : context.approaches) {
    if (Contains(therapist.approaches, wish.approach))
      met.push_back(catalog.lists().approaches[wish.approach].label);
  }
  return met;
}

std::vector<std::string> MetTags(const Catalog& catalog, const ClientContext& context,
                                 const Therapist& therapist) {
  std::vector<std::string> met;
  for (const TagWish& wish : context.tags) {
    if (Contains(therapist.tags, wish.tag)) met.push_back(catalog.lists().tags[wish.tag].label);
  }
  return met;
}

std::string ConcernSentence(const Catalog& catalog, const ClientContext& context,
                            const Therapist& therapist) {
  std::vector<std::string> treated;
  for (const Word concern : context.concerns) {
    if (Contains(therapist.concerns, concern)) treated.push_back(catalog.lists().concerns[concern].label);
  }
  if (treated.empty()) return "states none of the concerns";
  return absl::StrCat("works with ", absl::StrJoin(treated, ", "));
}

// Fewer answered than may be spoken of: a sentence about them would say too much, and tell one client what
// another answered.
bool FewClients(const State& state, const Therapist& therapist) {
  constexpr std::int64_t kEnough = 5;
  const TherapistState* known = state.model.TherapistOf(therapist.id);
  return known == nullptr || known->clients < kEnough;
}

// Names one part of the bond.
Term NamePart(const State& state, const ClientView& client, const Therapist& therapist,
              const BondShare& share) {
  const CatalogLists& words = state.catalog->lists();
  const auto subject = static_cast<std::size_t>(share.subject);
  switch (share.part) {
    case BondPart::kClient:
      return {"client", share.value, "this client's own way of answering"};
    case BondPart::kTherapist:
      if (FewClients(state, therapist)) return {"therapist", share.value, "few clients have answered so far"};
      return {"therapist", share.value,
              share.value < 0 ? "earlier clients felt the bond less often than usual"
                              : "earlier clients felt the bond more often than usual"};
    case BondPart::kTrackRecord:
      return {absl::StrCat("track_record:", words.concerns[subject].id), share.value,
              FewClients(state, therapist)
                  ? absl::StrCat("few clients with ", words.concerns[subject].label, " have answered so far")
                  : absl::StrCat("clients with ", words.concerns[subject].label,
                                 share.value < 0 ? " stayed less often" : " stayed more often")};
    case BondPart::kSlope:
      return {absl::StrCat("slope:", words.facets[subject].id), share.value,
              absl::StrCat("how much \"", words.facets[subject].label, "\" has mattered to this client")};
    case BondPart::kFeature:
      break;
  }
  const std::string& code = state.model.features().code(share.subject);
  Term term{code, share.value, ""};
  const auto [form, about] = state.model.features().meaning(share.subject);
  if (!form) {
    term.sentence = "what is usual for a first session";
    return term;
  }
  switch (*form) {
    case FeatureForm::kWishTimesSelfDescribed: {
      const auto dimension = static_cast<std::size_t>(about);
      term.sentence = StyleWishSentence(words.style_dimensions[dimension], client.style_wish[about],
                                        therapist.style[dimension].value_or(0));
      break;
    }
    case FeatureForm::kWishTimesPerceived:
      term.sentence = absl::StrCat("how \"", words.facets[static_cast<std::size_t>(about)].label,
                                   "\" other clients have been here");
      break;
    case FeatureForm::kApproachWish:
      term.sentence = absl::StrCat(
          "works with ", absl::StrJoin(MetApproaches(*state.catalog, client.context, therapist), ", "),
          ", as wished");
      break;
    case FeatureForm::kTagWish:
      term.sentence = absl::StrCat("as wished: ",
                                   absl::StrJoin(MetTags(*state.catalog, client.context, therapist), ", "));
      break;
    case FeatureForm::kConcernCover:
      term.sentence = ConcernSentence(*state.catalog, client.context, therapist);
      break;
    case FeatureForm::kAttributeDistance:
      term.sentence =
          absl::StrCat("how near the two are in ", words.attributes[static_cast<std::size_t>(about)].label);
      break;
    case FeatureForm::kSameTag:
      term.sentence =
          absl::StrCat("the same or not in ", words.tag_sets[static_cast<std::size_t>(about)].label);
      break;
    case FeatureForm::kAttributeCosine:
      term.sentence = absl::StrCat("how alike the two are in ",
                                   words.attribute_sets[static_cast<std::size_t>(about)].label);
      break;
    case FeatureForm::kClientAttribute:
    case FeatureForm::kTherapistAttribute:
      term.sentence = words.attributes[static_cast<std::size_t>(about)].label;
      break;
  }
  return term;
}

}  // namespace

Explanation Explain(const State& state, const ClientView& client, const Listing& listing, const Score& score,
                    const std::vector<BondShare>& shares, absl::Time now) {
  Explanation explanation;
  const Therapist& therapist = *listing.therapist;
  const std::string offers = OffersSentence(listing.offers);
  const std::string wait = WaitSentence(therapist.wait_weeks);
  explanation.terms = {
      {"reach", score.log_reach,
       absl::StrCat("answers and takes the client: ", Percent(score.log_reach), " (", offers, "; ",
                    ConfirmedSentence(listing, now), ")")},
      {"start", score.log_start,
       absl::StrCat("the client attends: ", Percent(score.log_start), " (", wait, ")")},
      {"bond", score.log_bond, absl::StrCat("the bond comes: ", Percent(score.log_bond))},
      {"price", -score.price, "price of scarce seats"},
  };
  explanation.bond_terms.reserve(shares.size());
  for (const BondShare& share : shares)
    explanation.bond_terms.push_back(NamePart(state, client, therapist, share));

  // Sentences: what tells this therapist from another, strongest first; what is common to all is left out.
  std::vector<const Term*> telling;
  for (const Term& term : explanation.bond_terms) {
    if (term.code == "prior" || term.code == "client" || std::abs(term.value) < kWorthSaying) continue;
    telling.push_back(&term);
  }
  std::stable_sort(telling.begin(), telling.end(),
                   [](const Term* a, const Term* b) { return std::abs(a->value) > std::abs(b->value); });
  if (telling.size() > kMostSentences - 1) telling.resize(kMostSentences - 1);
  for (const Term* term : telling) {
    explanation.sentences.push_back(absl::StrCat(term->value < 0 ? "− " : "+ ", term->sentence));
  }
  explanation.sentences.push_back(absl::StrCat("· ", offers, "; ", wait));

  explanation.evidence = EvidenceOf(state, client, listing);
  return explanation;
}

Evidence EvidenceOf(const State& state, const ClientView& client, const Listing& listing) {
  Evidence evidence;
  if (const TherapistState* known = state.model.TherapistOf(listing.therapist->id); known != nullptr) {
    evidence.therapist_fit_checks = known->fit_checks;
    evidence.therapist_clients = known->clients;
  }
  if (client.state != nullptr) evidence.client_fit_checks = client.state->fit_checks;
  evidence.offers = listing.offers.accepted + listing.offers.declined + listing.offers.unanswered;
  evidence.prior_share = state.model.PriorShare(listing.therapist->id);
  return evidence;
}

std::vector<std::string> LearnedInWords(const State& state, const ClientState& client) {
  const CatalogLists& words = state.catalog->lists();
  std::vector<std::string> sentences;
  for (std::size_t d = 0; d < words.style_dimensions.size(); ++d) {
    const double wish = client.learned_style_wish[static_cast<Eigen::Index>(d)];
    if (wish == 0) continue;
    std::vector<std::string> because;
    for (const Word friction : client.frictions) {
      for (const StyleHint& hint : words.frictions[friction].style_hints) {
        if (hint.dimension == static_cast<int>(d))
          because.push_back(absl::StrCat("\"", words.frictions[friction].label, "\""));
      }
    }
    sentences.push_back(absl::StrCat("After ", absl::StrJoin(because, " and "),
                                     ": looking more for a therapist who ",
                                     Pole(words.style_dimensions[d], wish)));
  }
  return sentences;
}

}  // namespace rapport::matcher
