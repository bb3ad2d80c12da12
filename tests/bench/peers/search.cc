#include "tests/bench/peers/search.h"

#include <string>
#include <vector>

#include "matcher/capacity/reach.h"
#include "matcher/fit/bond_form.h"

namespace rapport::bench {
namespace {

using matcher::Word;

std::int64_t Mask(const matcher::WordSet& words) {
  std::uint64_t mask = 0;
  for (const Word word : words) mask |= std::uint64_t{1} << word;
  return static_cast<std::int64_t>(mask);
}

std::int64_t LanguageMask(const std::vector<std::string>& languages) {
  std::uint64_t mask = 0;
  for (const std::string& language : languages) mask |= std::uint64_t{1} << std::stoi(language.substr(1));
  return static_cast<std::int64_t>(mask);
}

std::int64_t Day(absl::CivilDay day) {
  return day - absl::CivilDay(1970, 1, 1);
}

}  // namespace

Row RowOf(const matcher::State& state, const matcher::Listing& listing) {
  const matcher::Therapist& therapist = *listing.therapist;
  const matcher::Settings& settings = state.catalog->settings();
  Row row;
  row.state = std::stoi(therapist.place->region.substr(3));
  row.until = Day(*therapist.credentials[0].valid_until);
  row.payers = Mask(therapist.payers);
  row.languages = LanguageMask(therapist.languages);
  row.ages = Mask(therapist.age_groups);
  row.formats = Mask(therapist.formats);
  row.modalities = Mask(therapist.modalities);
  row.declined = Mask(therapist.declined_concerns);
  row.confirmed = absl::ToUnixSeconds(listing.last_confirmed);
  row.seats = therapist.seats;
  row.approaches = Mask(therapist.approaches);
  row.tags = Mask(therapist.tags);
  row.concerns = Mask(therapist.concerns);
  row.access = static_cast<float>(
      matcher::BelieveReach(settings, listing.offers, SyntheticNow() - listing.last_confirmed)
          .log_probability +
      matcher::LogStartProbability(settings, therapist.wait_weeks));
  const matcher::TherapistAnswers answers = matcher::AnswersAbout(state.model, therapist.id);
  row.effect = static_cast<float>(answers.mean);
  for (std::size_t d = 0; d < kStyles; ++d) row.style[d] = static_cast<float>(therapist.style[d].value_or(0));
  for (std::size_t f = 0; f < kFacets && !answers.felt.empty(); ++f)
    row.felt[f] = static_cast<float>(answers.felt[f]);
  return row;
}

Search SearchOf(const matcher::State& state, const matcher::RankRequest& request, QueryKind kind) {
  const matcher::Musts& musts = request.needs.musts;
  const matcher::ClientContext& context = request.needs.context;
  const matcher::ClientView client = state.model.View(request.client_id, context);
  const matcher::BondForm form = matcher::FormOf(state.model, client);
  Search search;
  search.everywhere = kind == QueryKind::kUnfiltered;
  search.state = search.everywhere ? 0 : std::stoi(musts.location.region.substr(3));
  search.day = Day(absl::ToCivilDay(SyntheticNow(), musts.Zone()));
  search.payers = Mask(musts.payers);
  search.languages = LanguageMask(musts.languages);
  search.ages = Mask({musts.age_group});
  search.formats = Mask({musts.format});
  search.modalities = Mask(musts.modalities);
  search.declined = Mask(context.concerns);
  search.confirmed =
      absl::ToUnixSeconds(SyntheticNow()) - 86'400LL * state.catalog->settings().confirmation_limit_days;
  for (std::size_t i = 0; i < form.values.size(); ++i) {
    const double slope = form.slope[static_cast<Eigen::Index>(i)];
    const auto about = static_cast<std::size_t>(form.values[i].about);
    switch (form.values[i].source) {
      case matcher::BondForm::Source::kStyle:
        search.style[about] = slope;
        break;
      case matcher::BondForm::Source::kFelt:
        search.felt[about] = slope;
        break;
      case matcher::BondForm::Source::kApproaches:
        search.masks[0] = Mask({context.approaches[0].approach});
        search.weights[0] = slope * context.approaches[0].strength;
        break;
      case matcher::BondForm::Source::kTags:
        search.masks[1] = Mask({context.tags[0].tag});
        search.weights[1] = slope * context.tags[0].strength;
        break;
      case matcher::BondForm::Source::kConcerns:
        for (std::size_t k = 0; k < 2; ++k) {
          search.masks[2 + k] = Mask({context.concerns[k]});
          search.weights[2 + k] = slope / 2;
        }
        break;
    }
  }
  return search;
}

bool Passes(const Search& search, const Row& row) {
  if ((row.declined & search.declined) != 0 || row.confirmed < search.confirmed || row.seats <= 0)
    return false;
  if (search.everywhere) return true;
  return row.state == search.state && row.until >= search.day && (row.payers & search.payers) != 0 &&
         (row.languages & search.languages) != 0 && (row.ages & search.ages) != 0 &&
         (row.formats & search.formats) != 0 && (row.modalities & search.modalities) != 0;
}

double ScoreOf(const Search& search, const Row& row) {
  double score = double{row.access} + row.effect;
  for (std::size_t d = 0; d < kStyles; ++d) score += search.style[d] * row.style[d];
  for (std::size_t f = 0; f < kFacets; ++f) score += search.felt[f] * row.felt[f];
  const std::array<std::int64_t, 4> sets = {row.approaches, row.tags, row.concerns, row.concerns};
  for (std::size_t k = 0; k < 4; ++k) score += (sets[k] & search.masks[k]) != 0 ? search.weights[k] : 0;
  return score;
}

}  // namespace rapport::bench
