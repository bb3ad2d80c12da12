#include "services/matcher/snapshot_codec.h"

#include <map>

#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/matcher/model_codec.h"

namespace rapport::matcher_service {
namespace {

using log::v1::SnapshotEntry;

void Fill(const matcher::Belief& belief, log::v1::KeptBelief& message) {
  message.mutable_mean()->Add(belief.mean.data(), belief.mean.data() + belief.mean.size());
  message.mutable_covariance()->Add(belief.covariance.data(),
                                    belief.covariance.data() + belief.covariance.size());
}

matcher::Belief ToBelief(const log::v1::KeptBelief& message) {
  const auto size = static_cast<Eigen::Index>(message.mean_size());
  matcher::Belief belief;
  belief.mean = Eigen::Map<const Eigen::VectorXd>(message.mean().data(), size);
  belief.covariance = Eigen::Map<const Eigen::MatrixXd>(message.covariance().data(), size, size);
  return belief;
}

void FillListing(const matcher::Catalog& catalog, const matcher::Listing& listing, bool departed,
                 log::v1::KeptListing& message) {
  *message.mutable_profile() = contract::ToProto(catalog, *listing.therapist);
  message.set_changed_at(listing.changed_at);
  if (listing.last_confirmed != absl::InfinitePast()) {
    *message.mutable_last_confirmed() = contract::ToTimestamp(listing.last_confirmed);
  }
  message.set_offers_accepted(listing.offers.accepted);
  message.set_offers_declined(listing.offers.declined);
  message.set_offers_unanswered(listing.offers.unanswered);
  for (const matcher::Reservation& reservation : listing.reservations) {
    log::v1::KeptReservation& kept = *message.add_reservations();
    kept.set_reservation_id(reservation.id);
    kept.set_client_id(reservation.client_id);
    *kept.mutable_expires_at() = contract::ToTimestamp(reservation.expires_at);
    kept.set_settled(reservation.settled);
  }
  message.set_departed(departed);
}

std::shared_ptr<const matcher::Listing> ToListing(const matcher::Catalog& catalog,
                                                  const log::v1::KeptListing& message) {
  auto listing = std::make_shared<matcher::Listing>();
  listing->therapist = std::make_shared<matcher::Therapist>(contract::ToDomain(catalog, message.profile()));
  listing->changed_at = message.changed_at();
  listing->last_confirmed =
      message.has_last_confirmed() ? contract::ToTime(message.last_confirmed()) : absl::InfinitePast();
  listing->offers = {message.offers_accepted(), message.offers_declined(), message.offers_unanswered()};
  for (const log::v1::KeptReservation& kept : message.reservations()) {
    listing->reservations.push_back(
        {kept.reservation_id(), kept.client_id(), contract::ToTime(kept.expires_at()), kept.settled()});
  }
  return listing;
}

void FillFitCheck(const matcher::Catalog& catalog, const matcher::FitCheck& check,
                  log::v1::FitRecorded& message) {
  message.set_fit_check_id(check.id);
  message.set_client_id(check.client_id);
  message.set_therapist_id(check.therapist_id);
  message.set_session_number(check.session_number);
  *message.mutable_occurred_at() = contract::ToTimestamp(check.occurred_at);
  if (check.verdict) message.set_verdict(static_cast<matcher::v1::Verdict>(*check.verdict));
  for (const matcher::Answer& answer : check.answers) {
    matcher::v1::Answer& given = *message.add_answers();
    given.set_id(answer.id);
    given.set_value(answer.value);
  }
  for (const matcher::Word friction : check.frictions)
    message.add_frictions(catalog.lists().frictions[friction].id);
  if (check.context) *message.mutable_context() = contract::ToProto(catalog, *check.context);
}

void FillClient(const matcher::Catalog& catalog, const matcher::ClientState& client,
                log::v1::KeptClientBeliefs& message) {
  Fill(client.leniency, *message.mutable_leniency());
  Fill(client.slopes, *message.mutable_slopes());
  for (const double wish : client.learned_style_wish) message.add_learned_style_wish(wish);
  *message.mutable_context() = contract::ToProto(catalog, client.context);
  message.mutable_therapist_ids()->Assign(client.therapists.begin(), client.therapists.end());
  message.mutable_answers()->Assign(client.answers.begin(), client.answers.end());
  message.mutable_verdicts()->Assign(client.verdicts.begin(), client.verdicts.end());
  for (const matcher::Word friction : client.frictions)
    message.add_frictions(catalog.lists().frictions[friction].id);
  message.set_fit_checks(client.fit_checks);
}

std::shared_ptr<const matcher::ClientState> ToClient(const matcher::Catalog& catalog,
                                                     const log::v1::KeptClientBeliefs& message) {
  auto client = std::make_shared<matcher::ClientState>();
  client->leniency = ToBelief(message.leniency());
  client->slopes = ToBelief(message.slopes());
  client->learned_style_wish = Eigen::Map<const Eigen::VectorXd>(
      message.learned_style_wish().data(), static_cast<Eigen::Index>(message.learned_style_wish_size()));
  client->context = contract::ToDomain(catalog, message.context());
  client->therapists.assign(message.therapist_ids().begin(), message.therapist_ids().end());
  client->answers.assign(message.answers().begin(), message.answers().end());
  client->answers.resize(client->therapists.size());
  client->verdicts.assign(message.verdicts().begin(), message.verdicts().end());
  client->verdicts.resize(client->therapists.size());
  for (const std::string& friction : message.frictions())
    client->frictions.push_back(*catalog.FrictionWord(friction));
  client->fit_checks = message.fit_checks();
  return client;
}

void FillTherapist(const matcher::Catalog& catalog, const std::string& id,
                   const matcher::TherapistState& therapist, log::v1::KeptTherapistBeliefs& message) {
  message.set_therapist_id(id);
  Fill(therapist.effects, *message.mutable_effects());
  for (const matcher::TrackRecord& record : therapist.records.all) {
    message.add_record_concerns(catalog.lists().concerns[record.concern].id);
    message.add_record_means(record.mean);
    message.add_record_alongs(record.along);
    message.add_record_variances(record.variance);
    message.add_record_clients(record.clients);
  }
  const Eigen::MatrixXd& regression = therapist.records.regression;
  message.mutable_record_regressions()->Assign(regression.data(), regression.data() + regression.size());
  message.mutable_record_rests()->Assign(therapist.records.rest.begin(), therapist.records.rest.end());
  message.set_fit_checks(therapist.fit_checks);
  message.set_clients(therapist.clients);
}

std::shared_ptr<const matcher::TherapistState> ToTherapist(const matcher::Catalog& catalog,
                                                           const log::v1::KeptTherapistBeliefs& message) {
  auto therapist = std::make_shared<matcher::TherapistState>();
  therapist->effects = ToBelief(message.effects());
  for (int i = 0; i < message.record_concerns_size(); ++i) {
    therapist->records.all.push_back({*catalog.Concern(message.record_concerns(i)), message.record_means(i),
                                      message.record_alongs(i), message.record_variances(i),
                                      message.record_clients(i)});
  }
  therapist->records.regression = Eigen::Map<const Eigen::MatrixXd>(
      message.record_regressions().data(), therapist->effects.mean.size(), message.record_concerns_size());
  therapist->records.rest.assign(message.record_rests().begin(), message.record_rests().end());
  therapist->fit_checks = message.fit_checks();
  therapist->clients = message.clients();
  return therapist;
}

// Hands out one entry after another; remembers the first error.
class Visitor {
 public:
  explicit Visitor(absl::FunctionRef<absl::Status(const SnapshotEntry&)> each) : each_(each) {}
  template <typename FillEntry>
  void Visit(FillEntry fill) {
    if (!status_.ok()) return;
    SnapshotEntry entry;
    fill(entry);
    status_ = each_(entry);
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::FunctionRef<absl::Status(const SnapshotEntry&)> each_;
  absl::Status status_;
};

}  // namespace

absl::Status ForEachEntry(const matcher::State& state,
                          absl::FunctionRef<absl::Status(const SnapshotEntry&)> each) {
  const matcher::Catalog& catalog = *state.catalog;
  Visitor visitor(each);
  visitor.Visit([&](SnapshotEntry& entry) {
    log::v1::KeptModel& model = *entry.mutable_model();
    *model.mutable_parameters() = ToProto(catalog, state.model.parameters());
    const matcher::Model::Common common = state.model.common();
    *model.mutable_effect_mean() = ToProto(common.effects);
    for (const Eigen::MatrixXd& covariance : common.covariance)
      *model.add_effect_covariance() = ToProto(covariance);
    *model.mutable_calibration() = ToProto(common.calibration.mean);
    *model.mutable_calibration_covariance() = ToProto(common.calibration.covariance);
    model.set_heard(common.heard);
  });
  state.directory.ForEach([&](const std::shared_ptr<const matcher::Listing>& listing) {
    visitor.Visit(
        [&](SnapshotEntry& entry) { FillListing(catalog, *listing, false, *entry.mutable_listing()); });
  });
  state.departed.ForEach([&](const std::string&, const std::shared_ptr<const matcher::Listing>& listing) {
    visitor.Visit(
        [&](SnapshotEntry& entry) { FillListing(catalog, *listing, true, *entry.mutable_listing()); });
  });
  state.needs.ForEach([&](const std::string& id, const std::shared_ptr<const matcher::Needs>& needs) {
    visitor.Visit([&](SnapshotEntry& entry) {
      entry.mutable_client()->set_client_id(id);
      *entry.mutable_client()->mutable_needs() = contract::ToProto(catalog, *needs);
    });
  });
  state.fit_checks.ForEach(
      [&](const std::string& id, const std::shared_ptr<const matcher::FitCheckList>& said) {
        visitor.Visit([&](SnapshotEntry& entry) {
          entry.mutable_client()->set_client_id(id);
          for (const auto& check : *said)
            FillFitCheck(catalog, *check, *entry.mutable_client()->add_fit_checks());
        });
      });
  state.declined.ForEach(
      [&](const std::string& id, const std::shared_ptr<const std::vector<std::string>>& by) {
        visitor.Visit([&](SnapshotEntry& entry) {
          entry.mutable_client()->set_client_id(id);
          entry.mutable_client()->mutable_declined_by()->Assign(by->begin(), by->end());
        });
      });
  state.risk.ForEach([&](const std::string& id, const std::shared_ptr<const matcher::RiskNotes>& notes) {
    visitor.Visit([&](SnapshotEntry& entry) {
      entry.mutable_client()->set_client_id(id);
      for (const auto source : {matcher::RiskSource::kScores, matcher::RiskSource::kPerson}) {
        const matcher::RiskNote& note = notes->Of(source);
        if (note.known_at == absl::InfinitePast()) continue;
        log::v1::RiskRecorded& risk = *entry.mutable_client()->add_risk();
        risk.set_source(static_cast<matcher::v1::RiskSource>(source));
        risk.set_look_first(note.look_first);
        *risk.mutable_known_at() = contract::ToTimestamp(note.known_at);
      }
    });
  });
  state.model.ForEachClient([&](const std::string& id, const matcher::ClientState& client) {
    visitor.Visit([&](SnapshotEntry& entry) {
      entry.mutable_client()->set_client_id(id);
      FillClient(catalog, client, *entry.mutable_client()->mutable_beliefs());
    });
  });
  state.model.ForEachTherapist([&](const std::string& id, const matcher::TherapistState& therapist) {
    visitor.Visit(
        [&](SnapshotEntry& entry) { FillTherapist(catalog, id, therapist, *entry.mutable_therapist()); });
  });
  return visitor.status();
}

void Decode(const matcher::Catalog& catalog, const SnapshotEntry& entry, DecodedEntries& into) {
  switch (entry.kind_case()) {
    case SnapshotEntry::kListing:
      (entry.listing().departed() ? into.departed : into.held).push_back(ToListing(catalog, entry.listing()));
      break;
    case SnapshotEntry::kClient: {
      const log::v1::KeptClient& client = entry.client();
      if (client.has_needs()) {
        into.needs.emplace_back(client.client_id(), std::make_shared<matcher::Needs>(
                                                        contract::ToDomain(catalog, client.needs())));
      }
      if (!client.fit_checks().empty()) {
        auto said = std::make_shared<matcher::FitCheckList>();
        for (const log::v1::FitRecorded& check : client.fit_checks())
          said->push_back(std::make_shared<matcher::FitCheck>(contract::ToDomain(catalog, check)));
        into.fit_checks.emplace_back(client.client_id(), std::move(said));
      }
      if (!client.declined_by().empty()) {
        into.declined.emplace_back(
            client.client_id(), std::make_shared<const std::vector<std::string>>(client.declined_by().begin(),
                                                                                 client.declined_by().end()));
      }
      if (!client.risk().empty()) {
        auto notes = std::make_shared<matcher::RiskNotes>();
        for (const log::v1::RiskRecorded& risk : client.risk()) {
          notes->Of(static_cast<matcher::RiskSource>(risk.source())) = {risk.look_first(),
                                                                        contract::ToTime(risk.known_at())};
        }
        into.risk.emplace_back(client.client_id(), std::move(notes));
      }
      if (client.has_beliefs())
        into.clients.emplace_back(client.client_id(), ToClient(catalog, client.beliefs()));
      break;
    }
    case SnapshotEntry::kTherapist:
      into.therapists.emplace_back(entry.therapist().therapist_id(), ToTherapist(catalog, entry.therapist()));
      break;
    case SnapshotEntry::kModel:
      into.model = std::make_unique<log::v1::KeptModel>(entry.model());
      break;
    case SnapshotEntry::KIND_NOT_SET:
      break;
  }
}

std::shared_ptr<matcher::State> Assemble(const std::shared_ptr<const matcher::Catalog>& catalog,
                                         std::vector<DecodedEntries> parts, std::int64_t position) {
  std::shared_ptr<matcher::State> state;
  for (const DecodedEntries& part : parts) {
    if (part.model == nullptr) continue;
    state = std::make_shared<matcher::State>(catalog, ToDomain(part.model->parameters()));
    matcher::Model::Common common;
    common.effects = ToMatrix(part.model->effect_mean());
    for (const matcher::v1::Matrix& matrix : part.model->effect_covariance())
      common.covariance.push_back(ToMatrix(matrix));
    common.calibration.mean = ToMatrix(part.model->calibration());
    common.calibration.covariance = ToMatrix(part.model->calibration_covariance());
    common.heard = part.model->heard();
    state->model.RestoreCommon(std::move(common));
  }
  std::vector<std::shared_ptr<const matcher::Listing>> held;
  for (DecodedEntries& part : parts) {
    for (auto& [id, client] : part.clients) state->model.RestoreClient(id, std::move(client));
    for (auto& [id, therapist] : part.therapists) state->model.RestoreTherapist(id, std::move(therapist));
    for (auto& [id, needs] : part.needs) state->needs.Set(id, std::move(needs));
    for (auto& [id, said] : part.fit_checks) state->fit_checks.Set(id, std::move(said));
    for (auto& [id, by] : part.declined) state->declined.Set(id, std::move(by));
    for (auto& [id, note] : part.risk) state->risk.Set(id, std::move(note));
    for (auto* listings : {&part.held, &part.departed}) {
      for (const auto& listing : *listings) {
        for (const matcher::Reservation& reservation : listing->reservations)
          state->reservations.Set(reservation.id, std::make_shared<std::string>(listing->therapist->id));
      }
    }
    for (auto& listing : part.departed) {
      const std::string id = listing->therapist->id;
      state->departed.Set(id, std::move(listing));
    }
    held.insert(held.end(), std::make_move_iterator(part.held.begin()),
                std::make_move_iterator(part.held.end()));
    part = DecodedEntries();
  }
  matcher::FillDirectory(held, *state);
  state->position = position;
  return state;
}

}  // namespace rapport::matcher_service
