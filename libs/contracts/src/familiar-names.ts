/** A word in lower case without punctuation: `batch_size` and `batchSize` are one. */
export const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * What PyTorch, Keras, Optuna, W&B, Ray Tune and Darts call keys and values of a sweep file, by our name. The one place for such hints: an
 * unknown key or value that is listed here is answered with the name before the colon.
 */
const namesElsewhere: Readonly<Record<string, string>> = {
  'training.learningRate': 'learning_rate lr eta step_size learning_rate_init',
  'training.batchSize': 'batch_size batch bs minibatch_size train_batch_size per_device_train_batch_size',
  'training.updates': 'updates steps max_steps num_steps total_steps iterations max_iter num_iterations training_steps',
  'training.epochs': 'epochs num_epochs max_epochs n_epochs nb_epoch num_train_epochs',
  'training.reportEvery':
    'eval_every eval_steps eval_interval log_every log_interval logging_steps val_check_interval validation_steps',
  'training.bptt':
    'bptt seq_len seq_length sequence_length bptt_len bptt_steps tbptt_steps truncated_bptt_steps time_steps num_steps_unroll unroll_length',
  'training.optimizer': 'optimizer optim opt solver optimizer_name',
  'training.optimizer.weightDecay': 'weight_decay wd',
  'training.optimizer.momentum': 'momentum',
  'training.clipNorm':
    'grad_clip gradient_clip clip gradient_clip_val clip_grad clip_grad_norm max_grad_norm max_norm clipnorm global_clipnorm clip_norm',
  'training.clipValue': 'clip_value clipvalue clip_grad_value',
  'training.schedule': 'scheduler lr_scheduler lr_schedule lr_scheduler_type lr_decay schedule',
  'training.schedule.warmUp': 'warmup warmup_steps num_warmup_steps warmup_ratio',
  'training.l2': 'l2_reg l2_regularization kernel_regularizer',
  'training.earlyStopping': 'early_stopping_patience',
  'training.teacherForcing': 'teacher_forcing_ratio scheduled_sampling',
  'training.labelSmoothing': 'label_smoothing_factor',
  'training.classWeights': 'class_weight pos_weight',
  'training.seed': 'seed random_state random_seed manual_seed rng_seed',
  'training.initFrom': 'pretrained checkpoint resume_from init_from load_from ckpt_path',
  'training.initFrom.embedding':
    'pretrained_embeddings pretrained_embedding embedding_matrix embeddings vectors word_vectors glove word2vec embedding_file',
  'model.hiddenSize':
    'hidden_size hidden hidden_dim hidden_units hidden_state_size n_hidden nhid num_hidden units num_units rnn_units lstm_units d_model width rnn_size',
  'model.layers': 'layers num_layers n_layers nlayers n_rnn_layers num_rnn_layers depth num_hidden_layers',
  'model.cell': 'cell cell_type rnn_type rnn cell_kind architecture arch model_type',
  'model.dropout': 'dropout dropout_rate drop_rate p_dropout dropout_prob hidden_dropout_prob',
  'model.recurrentDropout': 'recurrent_dropout recurrent_dropout_rate variational_dropout',
  'model.embeddingSize':
    'embedding_size embedding_dim embed_dim emb_dim emb_size emsize embed_size embedding_dimension output_dim',
  'model.bidirectional': 'bidirectional bidir birnn',
  'model.heads': 'num_heads nhead n_heads n_head',
  'model.nonlinearity': 'activation nonlinearity act',
  'dataset.split.validation':
    'validation_split val_split val_size valid_size val_ratio val_fraction validation_fraction',
  'dataset.split.test': 'test_split test_size test_ratio test_fraction',
  'dataset.maximumSteps': 'max_length max_len maxlen max_seq_len max_seq_length',
  'dataset.fold': 'cv cross_validation n_splits kfold',
  dataset: 'data data_path dataset_path dataset_name train_data corpus',
  task: 'problem task_type',
  'task.horizon': 'horizon forecast_horizon prediction_length output_chunk_length fh',
  'task.lookback': 'lookback context_length input_chunk_length input_size window_size lookback_window n_lags',
  'task.season': 'season seasonality season_length seasonal_period',
  'task.target': 'target target_column target_col label_column',
  'task.tokenizer': 'tokenizer tokenizer_file tokenizer_path tokenizer_name',
  'task.beamWidth': 'beam_size num_beams',
  objective: 'metric objective_metric monitor',
  'objective.goal': 'goal direction mode optimization_direction',
  'search.algorithm': 'algorithm method sampler search_alg searcher search_algorithm suggester',
  'search.trials': 'trials n_trials num_trials max_trials num_samples run_cap count n_iter max_evals n_calls',
  'search.repeats': 'repeats n_repeats num_repeats executions_per_trial num_seeds n_seeds',
  'search.seeds': 'seeds',
  'search.enqueue': 'enqueue initial_points points_to_evaluate evaluated_rewards',
  stopping: 'stopping early_terminate early_stopping pruner stopper trial_scheduler',
  'stopping.reductionFactor': 'reduction_factor eta_reduction',
  'stopping.minUpdates': 'min_resource grace_period min_iter',
  'budget.wallTime': 'wall_time timeout time_budget time_budget_s max_time',
  'budget.concurrentTrials':
    'concurrent_trials n_jobs max_concurrent max_concurrent_trials num_workers parallel_trials',
  'budget.failedTrials': 'failed_trials max_failures max_failed_trials max_failed_trial_count',
  'budget.patience': 'patience',
  name: 'title experiment experiment_name study_name project run_name',

  'validation.loss': 'val_loss valid_loss validation_loss loss test_loss eval_loss',
  'train.loss': 'train_loss training_loss',
  'validation.accuracy': 'val_accuracy val_acc accuracy acc valid_accuracy eval_accuracy',
  'validation.perplexity': 'perplexity ppl val_ppl val_perplexity',
  'validation.bitsPerToken': 'bpc bits_per_character bits_per_char bits_per_token bpt',
  'validation.mse': 'mse val_mse mean_squared_error',
  'validation.mae': 'mae val_mae mean_absolute_error',
  'validation.smape': 'smape val_smape',
  'validation.mase': 'mase val_mase',
  'validation.f1': 'f1 f1_score val_f1 macro_f1',
  'validation.bleu': 'bleu val_bleu',
  'validation.editDistance': 'cer wer edit_distance',

  minimize: 'min',
  maximize: 'max',
  tpe: 'bayes bayesian bayesopt hyperopt optuna tpesampler',
  random: 'randomsampler random_search',
  grid: 'gridsampler grid_search grid_sampler',
  'cma-es': 'cma cmaes cmaessampler',
  'gaussian-process': 'gp gpsampler bo',
  'nsga-ii': 'nsga2 nsgaii nsgaiisampler',
  sobol: 'qmc qmcsampler',
  asha: 'successivehalving successive_halving successivehalvingpruner sha async_hyperband',
  hyperband: 'hyperbandpruner hyper_band bohb',
  median: 'medianpruner median_stopping',
  population: 'pbt population_based_training',
  lstm: 'lstmcell long_short_term_memory',
  gru: 'grucell gated_recurrent_unit',
  rnn: 'simplernn simple_rnn rnncell elman vanilla vanilla_rnn',
  character: 'char chars characters character_level',
  word: 'words word_level',
  'language-model': 'lm char_rnn charrnn language_modeling language_modelling text_generation causal_lm',
  forecasting: 'time_series timeseries forecast time_series_forecasting',
  'sequence-to-sequence': 'seq2seq translation encoder_decoder',
  classification: 'sequence_classification text_classification classify',
  tagging: 'ner pos_tagging token_classification sequence_labeling sequence_labelling',
  transcription: 'asr speech_recognition speech_to_text ctc',
};

const byWord = new Map<string, string[]>();
for (const [own, words] of Object.entries(namesElsewhere))
  for (const word of words.split(' ').map(plain)) byWord.set(word, [...(byWord.get(word) ?? []), own]);

/** Our names, with the paths of keys, for what another tool calls `word`; none if it is not known. */
export const ownNames = (word: string): readonly string[] => byWord.get(plain(word)) ?? [];

const section = (path: string): string => path.split('.').slice(0, -1).join('.');

/**
 * The path of our key for an unknown key of a sweep file that stands at `parent`, if another tool has a key of this name or ours belongs
 * elsewhere; undefined for none. The nearest section wins.
 */
export function ownPath(key: string, parent: string): string | undefined {
  const paths = ownNames(key).filter((path) =>
    /^(?:dataset|task|model|training|objective|search|stopping|budget|name)\b/.test(path),
  );
  const isNear = (path: string): boolean => path.startsWith(`${parent}.`) || section(path) === parent;
  return paths.find(isNear) ?? paths[0];
}
