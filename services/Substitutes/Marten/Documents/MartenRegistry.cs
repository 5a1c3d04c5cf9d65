using System.Linq.Expressions;
using Marten.Documents;
using Marten.Schema;
using NpgsqlTypes;

namespace Marten;

/// <summary>How each type of document is stored.</summary>
public class MartenRegistry
{
    private readonly DocumentMappings _mappings;

    internal MartenRegistry(DocumentMappings mappings) => _mappings = mappings;

    public DocumentMappingExpression<T> For<T>()
        where T : notnull =>
        new(_mappings.For(typeof(T), configured: true));

    /// <summary>One type's identity, indexes and versions.</summary>
    public class DocumentMappingExpression<T>
        where T : notnull
    {
        private readonly DocumentMapping _mapping;

        internal DocumentMappingExpression(DocumentMapping mapping) => _mapping = mapping;

        /// <summary>The table's name after mt_doc_.</summary>
        public DocumentMappingExpression<T> DocumentAlias(string alias)
        {
            _mapping.Alias = alias;
            return this;
        }

        /// <summary>Keeps a copy of the member in an indexed column of its own.</summary>
        public DocumentMappingExpression<T> Duplicate(
            Expression<Func<T, object>> expression,
            string? pgType = default,
            NpgsqlDbType? dbType = default,
            Action<DocumentIndex>? configure = default,
            bool notNull = false,
            bool partOfPrimaryKey = false)
        {
            if (partOfPrimaryKey)
                throw new NotSupportedException("A duplicated field as a part of the primary key, which is for partitioned tables, is not here.");
            var field = new DuplicatedField(MemberPath.Of(expression), pgType, dbType, notNull);
            _mapping.DuplicatedFields.Add(field);
            var index = new DocumentIndex();
            configure?.Invoke(index);
            field.Index = index;
            return this;
        }

        public DocumentMappingExpression<T> Index(Expression<Func<T, object>> expression, Action<ComputedIndex>? configure = default) =>
            AddIndex(MemberPath.ManyOf(expression), configure, unique: false);

        public DocumentMappingExpression<T> Index(IReadOnlyCollection<Expression<Func<T, object>>> expressions, Action<ComputedIndex>? configure = default) =>
            AddIndex([.. expressions.Select(MemberPath.Of)], configure, unique: false);

        public DocumentMappingExpression<T> UniqueIndex(params Expression<Func<T, object>>[] expressions) =>
            AddIndex([.. expressions.SelectMany(MemberPath.ManyOf)], null, unique: true);

        public DocumentMappingExpression<T> UniqueIndex(string indexName, params Expression<Func<T, object>>[] expressions) =>
            AddIndex([.. expressions.SelectMany(MemberPath.ManyOf)], index => index.Name = indexName, unique: true);

        /// <summary>The member that holds the id, when it is not called Id.</summary>
        public DocumentMappingExpression<T> Identity(Expression<Func<T, object>> member)
        {
            _mapping.UseIdentity(MemberPath.Of(member).Single);
            return this;
        }

        /// <summary>A document that was changed since this session read it cannot be overwritten.</summary>
        public DocumentMappingExpression<T> UseOptimisticConcurrency(bool enabled)
        {
            _mapping.UseOptimisticConcurrency = enabled;
            return this;
        }

        /// <summary>Counts the revisions of a document: 1, 2, 3 …</summary>
        public DocumentMappingExpression<T> UseNumericRevisions(bool enabled)
        {
            _mapping.UseNumericRevisions = enabled;
            return this;
        }

        private DocumentMappingExpression<T> AddIndex(IReadOnlyList<MemberPath> members, Action<ComputedIndex>? configure, bool unique)
        {
            var index = new ComputedIndex { IsUnique = unique };
            configure?.Invoke(index);
            _mapping.Indexes.Add(new MappedIndex(members, index));
            return this;
        }
    }
}
