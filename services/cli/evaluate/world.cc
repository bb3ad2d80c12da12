#include "services/cli/evaluate/world.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "Eigen/Core"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "matcher/fit/crossed.h"

namespace rapport::evaluate {
namespace {

using matcher::AttributeValue;
using matcher::CatalogLists;
using matcher::ClientContext;
using matcher::Feature;
using matcher::FeatureForm;
using matcher::Norm;
using matcher::Therapist;
using matcher::Word;

constexpr absl::string_view kWish = "pref_", kSelf = "self_", kInterest = "hob_", kImportance = "imp";
// Columns whose numbers are names of kinds.
constexpr absl::string_view kKinds[] = {"race", "field", "career", "goal"};
// Columns that name groups, not people.
constexpr absl::string_view kLeftOut[] = {"wave"};

// What self-descriptions and wishes look like before anything was seen; learned away soon.
constexpr Norm kSelfNorm = {7, 1.5};
constexpr double kSelfReach = 2;    // norm standard deviations of a self-description that make a pole
constexpr double kWishReach = 1.5;  // the same for a wish
constexpr double kWishShare = .15;  // standard deviation of a wish's share of the whole

// Day-0 belief about the effect of every feature: none, and small.
constexpr double kEffectVariance = .02;
constexpr double kPerceivedVariance = .01;
// Whether a first meeting is taken otherwise than later ones: all of a client's meetings tell.
constexpr double kFirstVariance = .04;
// How hard a concern is for whoever has it: the client's own leniency says most of that.
constexpr double kConcernVariance = .005;

// Values that a norm is taken from.
constexpr std::size_t kEnoughForNorm = 30;

// Shares of variance that were estimated are held within.
constexpr double kLeastShare = .02, kLargestShare = .45;

bool IsKind(absl::string_view column) {
  return std::find(std::begin(kKinds), std::end(kKinds), column) != std::end(kKinds);
}

bool IsAttribute(absl::string_view column) {
  return !absl::StartsWith(column, kWish) && !IsKind(column) &&
         std::find(std::begin(kLeftOut), std::end(kLeftOut), column) == std::end(kLeftOut);
}

std::set<std::string> Columns(const std::map<std::string, Features>& people) {
  std::set<std::string> columns;
  for (const auto& [id, features] : people) {
    for (const auto& [column, value] : features) columns.insert(column);
  }
  return columns;
}

// Mean and standard deviation; sd 1 where they do not differ.
Norm NormOf(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  if (count == 0) return {};
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double variance = squares / count;
  return {mean, variance > 1e-9 ? std::sqrt(variance) : 1};
}

// The same of a column over all people.
Norm NormOf(const std::string& column, const std::map<std::string, Features>& clients,
            const std::map<std::string, Features>& therapists) {
  std::vector<double> values;
  for (const auto* people : {&clients, &therapists}) {
    for (const auto& [id, features] : *people) {
      const auto found = features.find(column);
      if (found != features.end()) values.push_back(found->second);
    }
  }
  return NormOf(values);
}

void AddDimension(absl::string_view column, CatalogLists& lists) {
  const std::string id(absl::StripPrefix(column, kSelf));
  lists.style_dimensions.push_back({id, id, "less", "more"});
}

std::string KindTag(absl::string_view column, double value) {
  return absl::StrCat(column, "_", value);
}

void AddFeature(const std::string& id, FeatureForm form, int subject, double variance, CatalogLists& lists,
                std::optional<int> moderator = std::nullopt) {
  lists.features.push_back({id, form, 0, variance, subject, moderator});
}

// A column that numbers kinds: a tag for each, and a feature of having the same.
void AddKind(const std::string& column, const std::map<std::string, Features>& clients,
             const std::map<std::string, Features>& therapists, CatalogLists& lists) {
  std::set<double> kinds;
  for (const auto* people : {&clients, &therapists}) {
    for (const auto& [id, features] : *people) {
      if (const auto found = features.find(column); found != features.end()) kinds.insert(found->second);
    }
  }
  matcher::TagSet set{column, column, {}};
  for (const double kind : kinds) {
    set.tags.push_back(static_cast<Word>(lists.tags.size()));
    lists.tags.push_back({KindTag(column, kind), KindTag(column, kind)});
  }
  AddFeature("same_" + column, FeatureForm::kSameTag, static_cast<int>(lists.tag_sets.size()),
             kEffectVariance, lists);
  lists.tag_sets.push_back(std::move(set));
}

// What people's columns make of a catalog; returns the attribute of each column that is one.
std::map<std::string, int> AddColumns(const std::map<std::string, Features>& clients,
                                      const std::map<std::string, Features>& therapists,
                                      CatalogLists& lists) {
  const std::set<std::string> of_clients = Columns(clients), of_therapists = Columns(therapists);
  std::vector<std::string> all;
  std::set_union(of_clients.begin(), of_clients.end(), of_therapists.begin(), of_therapists.end(),
                 std::back_inserter(all));
  std::map<std::string, int> attributes;
  matcher::AttributeSet interests{"interests", "interests", {}};
  for (const std::string& column : all) {
    const bool client = of_clients.contains(column), therapist = of_therapists.contains(column);
    if (IsKind(column) && client && therapist) AddKind(column, clients, therapists, lists);
    if (!IsAttribute(column)) continue;
    const int place = static_cast<int>(lists.attributes.size());
    attributes[column] = place;
    lists.attributes.push_back({column, column, NormOf(column, clients, therapists)});
    if (absl::StartsWith(column, kInterest)) {
      interests.attributes.push_back(place);
      continue;
    }
    if (therapist) {
      AddFeature("therapist_" + column, FeatureForm::kTherapistAttribute, place, kEffectVariance, lists);
    }
    if (absl::StartsWith(column, kSelf)) {
      if (therapist) AddDimension(column, lists);
      continue;
    }
    if (client) {
      AddFeature("client_" + column, FeatureForm::kClientAttribute, place, kEffectVariance, lists);
    }
    if (client && therapist && column != "gender") {
      AddFeature("distance_" + column, FeatureForm::kAttributeDistance, place, kEffectVariance, lists);
    }
  }
  if (!interests.attributes.empty()) {
    AddFeature("alike", FeatureForm::kAttributeCosine, 0, kEffectVariance, lists);
    lists.attribute_sets.push_back(std::move(interests));
  }
  for (std::size_t i = 0; i < lists.tag_sets.size(); ++i) {
    const auto importance = attributes.find(absl::StrCat(kImportance, lists.tag_sets[i].id));
    if (importance == attributes.end()) continue;
    AddFeature("same_by_importance", FeatureForm::kSameTag, static_cast<int>(i), kEffectVariance, lists,
               importance->second);
  }
  return attributes;
}

// What clients wish meets what therapists say of themselves, and what others felt with them.
void AddWishes(CatalogLists& lists) {
  if (!lists.style_dimensions.empty()) {
    AddFeature("wish", FeatureForm::kWishTimesSelfDescribed, 0, kEffectVariance, lists);
  }
  if (!lists.facets.empty()) {
    AddFeature("perceived", FeatureForm::kWishTimesPerceived, 0, kPerceivedVariance, lists);
  }
}

}  // namespace

AnswerOutlook OutlookOf(const Replay& replay) {
  constexpr Eigen::Index kEnoughForShares = 300;
  std::vector<double> bonds;
  std::vector<int> clients, therapists;
  std::map<std::string, int> client_number, therapist_number;
  const auto number = [](std::map<std::string, int>& numbers, const std::string& id) {
    return numbers.try_emplace(id, static_cast<int>(numbers.size())).first->second;
  };
  for (const Meeting& meeting : replay.meetings) {
    const auto bond = meeting.answers.find("bond");
    if (meeting.scored || bond == meeting.answers.end()) continue;
    bonds.push_back(bond->second);
    clients.push_back(number(client_number, meeting.client_id));
    therapists.push_back(number(therapist_number, meeting.therapist_id));
  }
  AnswerOutlook outlook;
  const Eigen::Map<const Eigen::VectorXd> y(bonds.data(), static_cast<Eigen::Index>(bonds.size()));
  if (bonds.size() < kEnoughForNorm) return outlook;
  const double variance = (y.array() - y.mean()).square().mean();
  outlook.norm = {y.mean(), std::sqrt(std::max(1e-6, variance))};
  if (y.size() < kEnoughForShares) return outlook;
  const auto fit = matcher::FitCrossed(clients, therapists, y, Eigen::MatrixXd::Ones(y.size(), 1));
  if (!fit.ok()) return outlook;
  const double total = fit->client_variance + fit->therapist_variance + fit->error_variance;
  outlook.client_variance_share = std::clamp(fit->client_variance / total, kLeastShare, kLargestShare);
  outlook.therapist_variance_share = std::clamp(fit->therapist_variance / total, kLeastShare, kLargestShare);
  return outlook;
}

std::vector<std::string> WishedFacets(const std::map<std::string, Features>& clients) {
  std::vector<std::string> facets;
  for (const std::string& column : Columns(clients)) {
    if (absl::StartsWith(column, kWish)) facets.emplace_back(absl::StripPrefix(column, kWish));
  }
  return facets;
}

MeetingWords WordsOf(const Replay& replay) {
  MeetingWords words;
  std::map<std::string, std::vector<double>> values;
  for (const Meeting& meeting : replay.meetings) {
    words.concerns.insert(meeting.concerns.begin(), meeting.concerns.end());
    for (const auto& [column, value] : meeting.circumstances) {
      std::vector<double>& learned = values[column];
      if (!meeting.scored) learned.push_back(value);
    }
  }
  for (const auto& [column, learned] : values) {
    words.circumstances[column] = learned.empty() ? Norm{0, 1} : NormOf(learned);
  }
  return words;
}

absl::StatusOr<World> World::Create(const Replay& replay) {
  return Create(replay.clients, replay.therapists, FacetsOf(replay), OutlookOf(replay), WordsOf(replay));
}

absl::StatusOr<World> World::Create(const std::map<std::string, Features>& clients,
                                    const std::map<std::string, Features>& therapists,
                                    const std::vector<std::string>& facets, const AnswerOutlook& outlook,
                                    const MeetingWords& words) {
  World world;
  world.facets_ = facets;
  CatalogLists lists;
  lists.version = "replay";
  lists.settings.bond_prior_mean = .5;
  lists.settings.client_variance_share = outlook.client_variance_share;
  lists.settings.therapist_variance_share = outlook.therapist_variance_share;
  lists.settings.unsure_width = 0;  // a meeting was wished again, or not
  lists.fit_questions = {{"bond", "Bond", "bond", outlook.norm}};
  for (const std::string& facet : facets) lists.facets.push_back({facet, facet, outlook.norm});
  world.attributes_ = AddColumns(clients, therapists, lists);
  AddWishes(lists);
  AddFeature("first", FeatureForm::kFirstTherapist, 0, kFirstVariance, lists);
  const auto known_before = [&lists](const std::string& id, const Norm& of, double variance) {
    const int place = static_cast<int>(lists.attributes.size());
    lists.attributes.push_back({id, id, of});
    AddFeature(id, FeatureForm::kClientAttribute, place, variance, lists);
    return place;
  };
  for (const auto& [column, of] : words.circumstances) {
    world.circumstances_[column] = known_before("meeting_" + column, of, kEffectVariance);
  }
  for (const std::string& concern : words.concerns) {
    world.concerns_[concern] = static_cast<Word>(lists.concerns.size());
    lists.concerns.push_back({concern, concern});
    world.concern_attributes_.push_back(known_before("concern_" + concern, {0, 1}, kConcernVariance));
  }
  auto catalog = matcher::Catalog::Create(std::move(lists));
  if (!catalog.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("these columns make no catalog: ", catalog.status().message()));
  }
  world.catalog_ = *std::move(catalog);
  for (const auto& [id, features] : clients) world.AddClient(id, features);
  for (const auto& [id, features] : therapists) world.AddTherapist(id, features);
  return world;
}

void World::AddClient(const std::string& id, const Features& features) {
  ClientContext& context = contexts_[id];
  const double share = 1 / std::max(1.0, static_cast<double>(facets_.size()));
  for (const auto& [column, value] : features) {
    if (absl::StartsWith(column, kWish)) {
      const std::string wished(absl::StripPrefix(column, kWish));
      const double wish = std::clamp((value - share) / (kWishShare * kWishReach), -1.0, 1.0);
      if (const auto dimension = catalog_->Dimension(wished); dimension) {
        context.styles.push_back({*dimension, wish, 1});
      }
      const auto facet = std::find(facets_.begin(), facets_.end(), wished);
      if (facet != facets_.end()) {
        context.facets.push_back({static_cast<int>(facet - facets_.begin()), (wish + 1) / 2});
      }
    } else if (IsKind(column)) {
      if (const auto tag = catalog_->Tag(KindTag(column, value)); tag) context.own_tags.push_back(*tag);
    } else if (const auto at = attributes_.find(column); at != attributes_.end()) {
      context.attributes.push_back({at->second, value});
    }
  }
  context.own_tags = matcher::MakeWordSet(std::move(context.own_tags));
}

void World::AddTherapist(const std::string& id, const Features& features) {
  Therapist& profile = profiles_[id];
  profile.id = id;
  profile.style.resize(catalog_->lists().style_dimensions.size());
  for (const auto& [column, value] : features) {
    if (absl::StartsWith(column, kSelf)) {
      const auto dimension = catalog_->Dimension(absl::StripPrefix(column, kSelf));
      profile.style[*dimension] =
          std::clamp((value - kSelfNorm.mean) / (kSelfNorm.sd * kSelfReach), -1.0, 1.0);
      profile.attributes.push_back({attributes_.at(column), value});
    } else if (IsKind(column)) {
      if (const auto tag = catalog_->Tag(KindTag(column, value)); tag) profile.tags.push_back(*tag);
    } else if (const auto at = attributes_.find(column); at != attributes_.end()) {
      profile.attributes.push_back({at->second, value});
    }
  }
  profile.tags = matcher::MakeWordSet(std::move(profile.tags));
}

ClientContext World::Context(const Encounter& encounter) const {
  ClientContext context = contexts_.at(encounter.client_id);
  for (const auto& [column, value] : encounter.circumstances) {
    const auto at = circumstances_.find(column);
    if (at != circumstances_.end()) context.attributes.push_back({at->second, value});
  }
  for (const std::string& concern : encounter.concerns) {
    const auto at = concerns_.find(concern);
    if (at == concerns_.end()) continue;
    context.concerns.push_back(at->second);
    context.attributes.push_back({concern_attributes_[at->second], 1});
  }
  return context;
}

matcher::FitCheck World::Check(const Meeting& meeting) const {
  matcher::FitCheck fit_check;
  fit_check.id = meeting.id;
  fit_check.client_id = meeting.client_id;
  fit_check.therapist_id = meeting.therapist_id;
  if (meeting.accepted) {
    fit_check.verdict =
        *meeting.accepted ? matcher::Verdict::kWouldContinue : matcher::Verdict::kWouldNotContinue;
  }
  for (const auto& [id, value] : meeting.answers) fit_check.answers.push_back({id, value});
  fit_check.context = Context(meeting);
  return fit_check;
}

}  // namespace rapport::evaluate
