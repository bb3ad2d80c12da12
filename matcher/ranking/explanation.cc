#include "matcher/ranking/explanation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace rapport::matcher {
namespace {

// Parts of the latent bond below this are not worth a sentence of their own (about one point in a hundred of
// P(bond)).
constexpr double kWorthSaying = .03;
constexpr std::size_t kMostSentences = 4;

// "42 %".
absl::string_view Percent(double log_probability, TextPool& text) {
  return text.Join(std::lround(100 * std::exp(log_probability)), " %");
}

absl::string_view OffersSentence(const OfferCounts& offers, TextPool& text) {
  const int made = offers.accepted + offers.declined + offers.unanswered;
  if (made == 0) return "no offers made yet";
  return text.Join(offers.accepted, " of ", made, " offers taken");
}

absl::string_view ConfirmedSentence(const Listing& listing, absl::Time now, TextPool& text) {
  const auto days = std::max<std::int64_t>(0, (now - listing.last_confirmed) / absl::Hours(24));
  if (days == 0) return "heard from within a day";
  return text.Join("last heard from ", days, days == 1 ? " day ago" : " days ago");
}

absl::string_view WaitSentence(double weeks, TextPool& text) {
  if (weeks <= 0) return "a first session can be held now";
  std::array<char, 32> number;  // three digits, as people say it
  char* const begin = number.data();
  char* const room = begin + number.size();
  char* end = nullptr;
  const auto halves = static_cast<int>(weeks < 100 ? 2 * weeks : 0);
  if (halves > 0 && halves == 2 * weeks) {  // the usual, at a fraction of the cost
    end = std::to_chars(begin, room, halves / 2).ptr;
    if (halves % 2 != 0) end = std::copy_n(".5", 2, end);
  } else {
    end = std::to_chars(begin, room, weeks, std::chars_format::general, 3).ptr;
  }
  return text.Join("first session in ", absl::string_view(begin, static_cast<std::size_t>(end - begin)),
                   weeks == 1 ? " week" : " weeks");
}

// "warm and gentle", the pole of a style dimension on the side of `value`.
const std::string& Pole(const StyleDimension& dimension, double value) {
  return value < 0 ? dimension.low_pole : dimension.high_pole;
}

absl::string_view StyleWishSentence(const StyleDimension& dimension, double wish, double described,
                                    TextPool& text) {
  if ((wish < 0) == (described < 0)) {
    return text.Join("describes their way of working as wished: ", Pole(dimension, described));
  }
  return text.Join("wished: ", Pole(dimension, wish), "; describes themself: ", Pole(dimension, described));
}

// A sentence that lists things, a comma between them.
class Listed {
 public:
  explicit Listed(absl::string_view begin) : pieces_{begin} {}
  void Add(absl::string_view thing) {
    if (!empty()) pieces_.push_back(", ");
    pieces_.push_back(thing);
  }
  bool empty() const { return pieces_.size() == 1; }
  absl::string_view End(absl::string_view end, TextPool& text) {
    pieces_.push_back(end);
    return text.Write(pieces_);
  }

 private:
  absl::InlinedVector<absl::string_view, 18> pieces_;
};

absl::string_view ApproachesSentence(const CatalogLists& words, const ClientContext& context,
                                     const Therapist& therapist, TextPool& text) {
  Listed met("works with ");
  for (const ApproachWish& wish : context.approaches) {
    if (Contains(therapist.approaches, wish.approach)) met.Add(words.approaches[wish.approach].label);
  }
  return met.End(", as wished", text);
}

absl::string_view TagsSentence(const CatalogLists& words, const ClientContext& context,
                               const Therapist& therapist, TextPool& text) {
  Listed met("as wished: ");
  for (const TagWish& wish : context.tags) {
    if (Contains(therapist.tags, wish.tag)) met.Add(words.tags[wish.tag].label);
  }
  return met.End("", text);
}

absl::string_view ConcernSentence(const CatalogLists& words, const ClientContext& context,
                                  const Therapist& therapist, TextPool& text) {
  Listed treated("works with ");
  std::size_t count = 0;
  for (const Word concern : context.concerns) {
    if (!Contains(therapist.concerns, concern)) continue;
    treated.Add(words.concerns[concern].label);
    ++count;
  }
  if (count == 0) return "states none of the concerns";
  if (count == context.concerns.size()) return treated.End("", text);
  // A part of them may count against a therapist: the words must bear both signs.
  return treated.End(absl::StrCat(", ", count, " of ", context.concerns.size(), " concerns"), text);
}

// Fewer clients than may be spoken of: a sentence about them would say too much, and tell one client what
// another answered. Figures of a therapist are published from eleven on.
bool Few(std::int64_t clients) {
  constexpr std::int64_t kEnough = 11;
  return clients < kEnough;
}

// True where a part of the bond is what too few other clients answered, so that its very sign would tell.
// `known`: what the model holds of the therapist, or null.
bool ToldByFew(const State& state, const TherapistState* known, const BondShare& share) {
  if (known == nullptr) return false;
  switch (share.part) {
    case BondPart::kClient:
      return false;
    case BondPart::kTherapist:
    case BondPart::kSlope:
      return Few(known->clients);
    case BondPart::kTrackRecord: {
      const TrackRecord* record = FindRecord(known->records, static_cast<Word>(share.subject));
      return record != nullptr && Few(record->clients);
    }
    case BondPart::kFeature:
      break;
  }
  return state.model.features().meaning(share.subject).form == FeatureForm::kWishTimesPerceived &&
         Few(known->clients);
}

// True where a part of the bond is the same with every therapist, so that it is no reason for one of them.
bool OfClientAlone(const State& state, const BondShare& share) {
  if (share.part != BondPart::kFeature) return share.part == BondPart::kClient;
  const std::optional<FeatureForm> form = state.model.features().meaning(share.subject).form;
  return !form || *form == FeatureForm::kClientAttribute || *form == FeatureForm::kFirstTherapist;
}

// Names a part of the bond that is a feature's.
Term NameFeature(const State& state, const ClientView& client, const Therapist& therapist,
                 const BondShare& share, TextPool& text) {
  const CatalogLists& words = state.catalog->lists();
  const auto [form, about, moderator] = state.model.features().meaning(share.subject);
  const auto subject = static_cast<std::size_t>(about);
  const auto sentence = [&, form = form, about = about]() -> absl::string_view {
    if (!form) return "what is usual for a first session";
    switch (*form) {
      case FeatureForm::kWishTimesSelfDescribed:
        return StyleWishSentence(words.style_dimensions[subject], client.style_wish[about],
                                 therapist.style[subject].value_or(0), text);
      case FeatureForm::kWishTimesPerceived:
        return text.Join("how \"", words.facets[subject].label, "\" other clients have been here");
      case FeatureForm::kApproachWish:
        return ApproachesSentence(words, client.context, therapist, text);
      case FeatureForm::kTagWish:
        return TagsSentence(words, client.context, therapist, text);
      case FeatureForm::kConcernCover:
        return ConcernSentence(words, client.context, therapist, text);
      case FeatureForm::kAttributeDistance:
        return text.Join("how near the two are in ", words.attributes[subject].label);
      case FeatureForm::kSameTag:
        return text.Join(SameTag(words.tag_sets[subject].tags, client.context.own_tags, therapist.tags) > 0
                             ? "the same: "
                             : "not the same: ",
                         words.tag_sets[subject].label);
      case FeatureForm::kAttributeCosine:
        return text.Join("how alike the two are in ", words.attribute_sets[subject].label);
      case FeatureForm::kFirstTherapist:
        return "nobody else was rated before";
      case FeatureForm::kClientAttribute:
      case FeatureForm::kTherapistAttribute:
        break;
    }
    return words.attributes[subject].label;
  };
  absl::string_view said = sentence();
  if (moderator) {
    const Attribute& by = words.attributes[static_cast<std::size_t>(*moderator)];
    said = text.Join(said, " (by the client's own answer: ", by.label, ")");
  }
  return {state.model.features().code(share.subject), share.value, said};
}

// Names one part of the bond. `few`: too few clients have answered for it to be spoken of (ToldByFew).
Term NamePart(const State& state, const ClientView& client, const Therapist& therapist, bool few,
              const BondShare& share, TextPool& text) {
  const CatalogLists& words = state.catalog->lists();
  const auto subject = static_cast<std::size_t>(share.subject);
  switch (share.part) {
    case BondPart::kClient:
      return {"client", share.value, "this client's own way of answering"};
    case BondPart::kTherapist:
      return {"therapist", share.value,
              few               ? "few clients have answered so far"
              : share.value < 0 ? "what earlier clients answered speaks against a good bond"
                                : "what earlier clients answered speaks for a good bond"};
    case BondPart::kTrackRecord: {
      const absl::string_view concern = words.concerns[subject].label;
      return {text.Join("track_record:", words.concerns[subject].id), share.value,
              few ? text.Join("few clients with ", concern, " have answered so far")
                  : text.Join("what clients with ", concern,
                              share.value < 0 ? " answered speaks against it" : " answered speaks for it")};
    }
    case BondPart::kSlope:
      return {text.Join("slope:", words.facets[subject].id), share.value,
              text.Join("how much \"", words.facets[subject].label, "\" has mattered to this client")};
    case BondPart::kFeature:
      break;
  }
  return NameFeature(state, client, therapist, share, text);
}

// `known`: what the model holds of the therapist, or null.
Evidence EvidenceOf(const State& state, const ClientView& client, const Listing& listing,
                    const TherapistState* known) {
  Evidence evidence;
  if (known != nullptr) {
    evidence.therapist_fit_checks = known->fit_checks;
    evidence.therapist_clients = known->clients;
  }
  if (client.state != nullptr) evidence.client_fit_checks = client.state->fit_checks;
  evidence.offers = listing.offers.accepted + listing.offers.declined + listing.offers.unanswered;
  evidence.prior_share = state.model.PriorShare(known);
  return evidence;
}

}  // namespace

Explanation Explain(const State& state, const ClientView& client, const Listing& listing, const Score& score,
                    absl::Span<const BondShare> shares, absl::Time now, TextPool& text) {
  Explanation explanation;
  const Therapist& therapist = *listing.therapist;
  const TherapistState* known = state.model.TherapistOf(therapist.id);
  const absl::string_view offers = OffersSentence(listing.offers, text);
  const absl::string_view wait = WaitSentence(therapist.wait_weeks, text);
  explanation.terms = {
      {"reach", score.log_reach,
       text.Join("answers and takes the client: ", Percent(score.log_reach, text), " (", offers, "; ",
                 ConfirmedSentence(listing, now, text), ")")},
      {"start", score.log_start,
       text.Join("the client attends: ", Percent(score.log_start, text), " (", wait, ")")},
      {"bond", score.log_bond, text.Join("the bond comes: ", Percent(score.log_bond, text))},
      {"price", 0 - score.price /* never -0 */, "price of scarce seats"},
  };
  explanation.bond_terms.reserve(shares.size());
  // Sentences: what tells this therapist from another, strongest first; what is common to all is left out,
  // and what would tell of single clients.
  absl::InlinedVector<const Term*, 16> telling;
  for (const BondShare& share : shares) {
    const bool few = ToldByFew(state, known, share);
    explanation.bond_terms.push_back(NamePart(state, client, therapist, few, share, text));
    const Term& term = explanation.bond_terms.back();
    if (few || OfClientAlone(state, share) || std::abs(term.value) < kWorthSaying) continue;
    telling.push_back(&term);
  }
  // Of equal ones the first; terms stand in one array, so their order is that of their addresses.
  std::sort(telling.begin(), telling.end(), [](const Term* a, const Term* b) {
    const double left = std::abs(a->value), right = std::abs(b->value);
    return left != right ? left > right : a < b;
  });
  if (telling.size() > kMostSentences - 1) telling.resize(kMostSentences - 1);
  for (const Term* term : telling)
    explanation.sentences.push_back(text.Join(term->value < 0 ? "− " : "+ ", term->sentence));
  explanation.sentences.push_back(text.Join("· ", offers, "; ", wait));

  explanation.evidence = EvidenceOf(state, client, listing, known);
  return explanation;
}

Evidence EvidenceOf(const State& state, const ClientView& client, const Listing& listing) {
  return EvidenceOf(state, client, listing, state.model.TherapistOf(listing.therapist->id));
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
        // One that asked for the opposite was outweighed, and is no reason for this.
        if (hint.dimension == static_cast<int>(d) && hint.direction * wish > 0)
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
