#include "matcher/domain/catalog.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rapport::matcher {

absl::StatusOr<std::shared_ptr<const Catalog>> Catalog::Create(CatalogLists lists) {
  auto catalog = std::make_shared<Catalog>();
  catalog->lists_ = std::move(lists);
  const CatalogLists& all = catalog->lists_;

  const auto index = [](const auto& words, Places& places) {
    for (std::size_t i = 0; i < words.size(); ++i) places.emplace(words[i].id, static_cast<Word>(i));
  };
  index(all.concerns, catalog->concerns_);
  index(all.approaches, catalog->approaches_);
  index(all.formats, catalog->formats_);
  index(all.age_groups, catalog->age_groups_);
  index(all.modalities, catalog->modalities_);
  index(all.tags, catalog->tags_);
  index(all.payers, catalog->payers_);
  index(all.style_dimensions, catalog->dimensions_);
  index(all.facets, catalog->facets_);
  index(all.frictions, catalog->frictions_);
  index(all.instruments, catalog->instruments_);
  index(all.attributes, catalog->attributes_);
  for (std::size_t i = 0; i < all.modalities.size(); ++i) {
    if (all.modalities[i].in_person) catalog->in_person_.push_back(static_cast<Word>(i));
  }

  auto& channels = catalog->channels_;
  channels.push_back("verdict");
  const auto channel = [&channels](const std::string& name) -> Channel {
    const auto found = std::find(channels.begin(), channels.end(), name);
    if (found != channels.end()) return static_cast<Channel>(found - channels.begin());
    channels.push_back(name);
    return static_cast<Channel>(channels.size()) - 1;
  };
  for (const FitQuestion& question : all.fit_questions) {
    catalog->targets_.emplace(question.id,
                              AnswerTarget{channel(question.channel), question.norm, 0, 10, true});
  }
  for (const Facet& facet : all.facets) {
    catalog->facet_channels_.push_back(channel(facet.id));
    catalog->targets_.emplace(facet.id,
                              AnswerTarget{catalog->facet_channels_.back(), facet.norm, 0, 10, true});
  }
  for (const Instrument& instrument : all.instruments) {
    for (const Scale& scale : instrument.scales) {
      if (scale.channel.empty()) continue;
      catalog->targets_.emplace(absl::StrCat(instrument.id, ".", scale.id),
                                AnswerTarget{channel(scale.channel), scale.norm, scale.minimum, scale.maximum,
                                             scale.higher_is_better});
    }
  }
  if (channels.size() > kMaxChannels) {
    return absl::InvalidArgumentError(absl::StrCat("the catalog has ", channels.size(),
                                                   " model channels; at most ", kMaxChannels, " are held"));
  }
  return catalog;
}

std::optional<AnswerTarget> Catalog::Target(absl::string_view id) const {
  const auto found = targets_.find(id);
  if (found == targets_.end()) return std::nullopt;
  return found->second;
}

std::optional<Word> Catalog::Find(const Places& places, absl::string_view id) {
  const auto found = places.find(id);
  if (found == places.end()) return std::nullopt;
  return found->second;
}

}  // namespace rapport::matcher
